package kv.server;

import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Processes;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A process that gets all changes of a bucket, and how much of them it has not written to its
/// client. The bucket adds, the process subtracts.
final class Subscriber {

    /// A change of the bucket, as the line for the client.
    record Changed(String line) {

        /// @param value the new value; empty if the key was deleted
        static Changed of(String key, Optional<String> value) {
            return new Changed(value.map(set -> key + " SET TO " + set).orElse(key + " DELETED"));
        }

        @Override
        public String toString() { // values do not belong into logs
            return "Changed[line of " + line.length() + " bytes]";
        }
    }

    private static final Logger log = LoggerFactory.getLogger(Subscriber.class);

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

    /// Sends a change, unless too much waits already. Then it ends the process.
    ///
    /// @param bucket the name of the bucket, for the log
    /// @return whether the change was sent
    boolean reaches(String bucket, Changed change) {
        if (tell(change)) {
            return true;
        }
        log.atWarn()
                .addKeyValue("bucket", bucket)
                .addKeyValue("subscriber", process)
                .log("A subscriber does not read fast enough and is disconnected");
        Processes.exit(process, ExitReason.shutdown("too slow"));
        return false;
    }

    private boolean tell(Changed change) {
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
