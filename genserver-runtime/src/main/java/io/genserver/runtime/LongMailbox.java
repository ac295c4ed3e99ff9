package io.genserver.runtime;

/// Reports a server whose mailbox has reached its mark. See [BoundedMailbox#becameLong].
final class LongMailbox {

    private LongMailbox() {}

    /// Any thread.
    static void report(LocalProcess process, BoundedMailbox mailbox) {
        int length = mailbox.length();
        process.node.timers.report(() -> report(process, length, mailbox.mark()));
    }

    private static void report(LocalProcess process, int length, int mark) {
        Listeners.all().longMailbox(process.node, process.pid, process.initialCall(), length, mark);
    }
}
