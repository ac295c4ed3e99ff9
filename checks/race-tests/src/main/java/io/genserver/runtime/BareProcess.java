package io.genserver.runtime;

import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import java.util.concurrent.atomic.AtomicInteger;

/// A process without code of its own: what its owner does is done by the actor of a test. It counts
/// the threads it is asked to start and starts none.
final class BareProcess extends LocalProcess {

    static final LocalRuntime RUNTIME = new LocalRuntime();
    static final ExitReason BOOM = ExitReason.of("boom");

    /// How many threads were asked for.
    final AtomicInteger starts = new AtomicInteger();

    BareProcess() {
        super(RUNTIME, null);
    }

    /// One that traps exits.
    static BareProcess trapping() {
        BareProcess process = new BareProcess();
        process.trapExits(true);
        return process;
    }

    @Override
    String initialCall() {
        return "race";
    }

    @Override
    void startThread() {
        starts.incrementAndGet();
    }

    /// How many exit messages are in the mailbox. Not while an owner takes any.
    int exits() {
        AtomicInteger count = new AtomicInteger();
        mailbox.peek(message -> {
            if (message instanceof Exit) {
                count.incrementAndGet();
            }
        });
        return count.get();
    }

    /// The reason of the only down message, or how many there are. Not while an owner takes any.
    String downs() {
        AtomicInteger count = new AtomicInteger();
        StringBuilder reason = new StringBuilder();
        mailbox.peek(message -> {
            if (message instanceof Down down) {
                count.incrementAndGet();
                reason.append(down.reason());
            }
        });
        return count.get() == 1 ? reason.toString() : Integer.toString(count.get());
    }
}
