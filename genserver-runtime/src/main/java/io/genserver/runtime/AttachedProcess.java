package io.genserver.runtime;

import io.genserver.Attachment;
import io.genserver.ExitReason;
import io.genserver.Pid;

/// A user's thread that is a process until it is closed.
final class AttachedProcess extends LocalProcess implements Attachment {

    private final Thread attached = Thread.currentThread();

    AttachedProcess(LocalNode node) {
        super(node, null);
        takeOver();
    }

    @Override
    String initialCall() {
        return "thread " + attached.getName();
    }

    @Override
    void startThread() {
        throw new AssertionError("an attached process has a thread");
    }

    @Override
    public Pid pid() {
        return pid;
    }

    @Override
    public void close() {
        close(ExitReason.NORMAL);
    }

    @Override
    public void close(ExitReason reason) {
        if (Thread.currentThread() != attached) {
            throw new IllegalStateException(
                    "expected "
                            + attached
                            + " to close its attachment, got: "
                            + Thread.currentThread());
        }
        if (Context.get().process() != this) {
            return; // closed before
        }
        boolean ended = die(reason);
        detachThread();
        if (!ended) {
            settleInterrupt(); // the interrupt that came with the death, and no other
        }
    }
}
