package kv.server;

import io.genserver.Pid;
import io.genserver.Processes;
import java.util.concurrent.atomic.AtomicInteger;

/// A process that gets all changes of a bucket, and how much of them it has not written to its
/// client. The bucket adds, the process subtracts.
final class Subscriber {

    /// A change of the bucket, as the line for the client.
    record Changed(String line) {
        @Override
        public String toString() { // values do not belong into logs
            return "Changed[line of " + line.length() + " bytes]";
        }
    }

    /// What a change needs in a mailbox beside its bytes. Units: bytes
    private static final int MESSAGE = 100;

    private final Pid process;
    private final int limit;
    private final AtomicInteger unread = new AtomicInteger(); // units: bytes

    /// @param limit the most bytes that may wait
    Subscriber(Pid process, int limit) {
        this.process = process;
        this.limit = limit;
    }

    Pid process() {
        return process;
    }

    /// Sends a change.
    ///
    /// @return false if too much waits already; then nothing is sent
    boolean tell(Changed change) {
        int length = MESSAGE + change.line().length();
        if (unread.addAndGet(length) > limit) {
            unread.addAndGet(-length);
            return false;
        }
        Processes.send(process, change);
        return true;
    }

    /// Tells that a change has been written to the client.
    void written(Changed change) {
        unread.addAndGet(-(MESSAGE + change.line().length()));
    }
}
