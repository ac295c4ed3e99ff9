package io.genserver.runtime;

import io.genserver.Pid;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All live processes of a node, for [io.genserver.Processes#list].
///
/// Lists threaded through the processes themselves, so that a process costs two fields and no
/// entry; several of them, each with a lock of its own, so that starts on different cores rarely
/// meet.
final class ProcessTable {

    private static final int STRIPES = 16;

    private static final class Stripe {
        @Nullable LocalProcess first;
    }

    private final Stripe[] stripes = new Stripe[STRIPES];

    ProcessTable() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    void add(LocalProcess process) {
        Stripe stripe = stripe(process);
        synchronized (stripe) {
            LocalProcess first = stripe.first;
            process.next = first;
            if (first != null) {
                first.previous = process;
            }
            stripe.first = process;
        }
    }

    void remove(LocalProcess process) {
        Stripe stripe = stripe(process);
        synchronized (stripe) {
            LocalProcess next = process.next;
            LocalProcess previous = process.previous;
            if (next != null) {
                next.previous = previous;
            }
            if (previous != null) {
                previous.next = next;
            } else if (stripe.first == process) {
                stripe.first = next;
            }
            process.next = null;
            process.previous = null;
        }
    }

    List<Pid> pids() {
        List<Pid> pids = new ArrayList<>();
        for (Stripe stripe : stripes) {
            synchronized (stripe) {
                for (LocalProcess process = stripe.first; process != null; process = process.next) {
                    pids.add(process.pid);
                }
            }
        }
        pids.sort(null);
        return pids;
    }

    private Stripe stripe(LocalProcess process) {
        return stripes[(int) process.pid.number() & STRIPES - 1];
    }
}
