package io.genserver.runtime;

import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A process without code of its own. An actor of the test plays its owner. It counts how often it
/// is to be put into a run queue, and is in none.
final class BareProcess extends LocalProcess {

    static final LocalNode NODE = LocalNode.start("race", null);
    static final ExitReason BOOM = ExitReason.of("boom");

    /// How often it was to be put into a run queue.
    final AtomicInteger schedules = new AtomicInteger();

    BareProcess() {
        super(NODE, null);
    }

    BareProcess(Mailbox mailbox) {
        super(NODE, null, mailbox);
    }

    /// Returns a process that traps exits.
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
        throw new AssertionError("an actor plays the owner");
    }

    @Override
    void schedule() {
        schedules.incrementAndGet();
    }

    /// Returns the number of exit messages in the mailbox. No owner may take messages at the same
    /// time.
    int exits() {
        AtomicInteger count = new AtomicInteger();
        messages()
                .forEach(message -> {
                    if (message instanceof Exit) {
                        count.incrementAndGet();
                    }
                });
        return count.get();
    }

    /// Returns the reason of the only down message, or the number of down messages if there is not
    /// exactly one. No owner may take messages at the same time.
    String downs() {
        AtomicInteger count = new AtomicInteger();
        StringBuilder reason = new StringBuilder();
        messages()
                .forEach(message -> {
                    if (message instanceof Down down) {
                        count.incrementAndGet();
                        reason.append(down.reason());
                    }
                });
        return count.get() == 1 ? reason.toString() : Integer.toString(count.get());
    }

    /// The messages in the mailbox. Not while an owner takes any.
    List<Object> messages() {
        List<Object> all = new ArrayList<>();
        mailbox.visit(Integer.MAX_VALUE, all::add);
        return all;
    }
}
