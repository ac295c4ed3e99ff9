package io.genserver.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// All processes of a node that live, or whose death is not announced yet.
///
/// Each process knows its place, so it costs two words here and is removed in constant time: the
/// last process of its stripe takes its place. There are several stripes, each with a lock of its
/// own, so that starts on different cores rarely use the same lock.
final class ProcessTable {

    private static final int STRIPES = 16;
    private static final int SMALLEST = 4;

    /// Guarded by itself.
    private static final class Stripe {
        private @Nullable LocalProcess[] places = new @Nullable LocalProcess[SMALLEST];
        private int size;
    }

    private final Stripe[] stripes = new Stripe[STRIPES];

    ProcessTable() {
        Arrays.setAll(stripes, _ -> new Stripe());
    }

    void add(LocalProcess process) {
        Stripe stripe = stripe(process);
        synchronized (stripe) {
            if (stripe.size == stripe.places.length) {
                stripe.places = Arrays.copyOf(stripe.places, 2 * stripe.size);
            }
            process.place = stripe.size;
            stripe.places[stripe.size++] = process;
        }
    }

    /// Removes a process.
    ///
    /// @return false if it was removed before
    boolean remove(LocalProcess process) {
        Stripe stripe = stripe(process);
        synchronized (stripe) {
            int place = process.place;
            if (place < 0) {
                return false;
            }
            process.place = -1;
            stripe.size--;
            LocalProcess last = Objects.requireNonNull(stripe.places[stripe.size]);
            stripe.places[stripe.size] = null;
            if (last != process) {
                stripe.places[place] = last;
                last.place = place;
            }
            int length = stripe.places.length;
            if (length > SMALLEST && stripe.size < length / 4) {
                stripe.places = Arrays.copyOf(stripe.places, length / 2);
            }
            return true;
        }
    }

    boolean isEmpty() {
        for (Stripe stripe : stripes) {
            synchronized (stripe) {
                if (stripe.size > 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Returns the processes, in no order.
    List<LocalProcess> all() {
        List<LocalProcess> all = new ArrayList<>();
        visit(all::add);
        return all;
    }

    /// Shows each process to a visitor, in no order. The visitor runs without a lock.
    void visit(Consumer<LocalProcess> visitor) {
        for (Stripe stripe : stripes) {
            @Nullable LocalProcess[] places;
            synchronized (stripe) {
                places = Arrays.copyOf(stripe.places, stripe.size);
            }
            for (LocalProcess process : places) {
                visitor.accept(Objects.requireNonNull(process));
            }
        }
    }

    private Stripe stripe(LocalProcess process) {
        return stripes[(int) process.pid.number() & STRIPES - 1];
    }
}
