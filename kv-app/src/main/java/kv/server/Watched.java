package kv.server;

import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Processes;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection as the watchdog sees it: what its thread waits for, and since when.
///
/// A thread that is blocked in a read or a write of a socket hears of nothing else. Only another
/// thread can end the wait. The end of the input ends a read, and lets the connection still answer
/// what it has read. Only a close of the socket ends a write.
final class Watched implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Watched.class);

    private static final Duration CLOSING_LIMIT = Duration.ofSeconds(1);

    /// How long a write may take while the server stops.
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Socket socket;
    private final Pid process;
    private final Set<Watched> all;

    // The connection's thread writes `since` before `phase`. The watchdog reads them in the other
    // order, so the time it reads is never older than the phase.
    private volatile long since;
    private volatile Phase phase = Phase.HANDSHAKE;

    /// Whether the client took too long. Written by the watchdog, read by the connection's thread.
    private volatile boolean late;

    Watched(Socket socket, Set<Watched> all) {
        this.socket = socket;
        this.process = Processes.self();
        this.all = all;
        begin(Phase.HANDSHAKE);
        all.add(this);
    }

    /// Says what the connection waits for from now on. Called by the connection's thread.
    void begin(Phase next) {
        since = Processes.monotonicTime();
        phase = next;
    }

    /// Returns whether the client took too long for the rest of a line.
    boolean isLate() {
        return late;
    }

    /// Returns whether the connection waits until its client accepts replies.
    boolean isWriting() {
        return phase == Phase.WRITING;
    }

    Pid process() {
        return process;
    }

    /// Ends the wait if it has taken too long. Called by the watchdog.
    void check(long now, Limits limits) {
        Phase waiting = phase;
        Duration limit =
                switch (waiting) {
                    case IDLE -> limits.idleTimeout();
                    case HANDSHAKE, GREETING, READING, WRITING -> limits.lineTimeout();
                    case CLOSING -> CLOSING_LIMIT;
                    case WORKING, ASKING, SUBSCRIBED -> Duration.ZERO;
                };
        if (limit.isPositive() && now - since > limit.toNanos()) {
            log.atDebug()
                    .addKeyValue("client", socket.getRemoteSocketAddress())
                    .addKeyValue("phase", waiting)
                    .log("A connection is ended because its client took too long");
            late = waiting == Phase.READING;
            if (waiting == Phase.IDLE || waiting == Phase.GREETING || waiting == Phase.READING) {
                endInput();
            } else {
                close(socket);
            }
        }
    }

    /// Ends the connection if it has waited too long for something that may not come while the
    /// server stops: for its client to read, or for supervisors to answer. Called by the watchdog.
    void checkAtTheEnd(long now) {
        Phase waiting = phase;
        if ((waiting == Phase.WRITING || waiting == Phase.ASKING)
                && now - since > GRACE.toNanos()) {
            Processes.exit(process, ExitReason.shutdown("the server stops"));
        }
    }

    /// Lets the connection answer what it has read, and nothing more.
    void endInput() {
        try {
            socket.shutdownInput();
        } catch (IOException closed) {
            log.trace("The socket is closed already", closed);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException failed) {
            log.debug("A socket could not be closed", failed);
        }
    }

    @Override
    public void close() {
        all.remove(this);
    }
}
