package kv.server;

import io.genserver.ExitReason;
import io.genserver.Name;
import io.genserver.Processes;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.Task;
import io.genserver.supervisor.TaskSupervisor;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Accepts clients and starts a task for each. A task that crashes affects no other, and a crash of
/// the acceptor ends no connection.
///
/// @param listener the port
/// @param front what the connections share
record Acceptor(Listener listener, Front front) {

    /// The name of the supervisor of all connections.
    static final Name CONNECTIONS = new Name("KV.ConnectionSupervisor");

    private static final Logger log = LoggerFactory.getLogger(Acceptor.class);

    /// How long to wait when no connection can be accepted, such as for lack of file descriptors.
    private static final Duration BACK_OFF = Duration.ofMillis(100);

    private static final int KEEP_ALIVE_AFTER = 60; // units: s
    private static final int KEEP_ALIVE_EVERY = 10; // units: s
    private static final int KEEP_ALIVE_PROBES = 3;

    static ChildSpec<TaskSupervisor> connections(Limits limits) {
        return TaskSupervisor.childSpec(
                CONNECTIONS.name(),
                DynamicSupervisorFlags.DEFAULT.withMaxChildren(limits.connections()),
                StartOption.name(CONNECTIONS.name()));
    }

    ChildSpec<Task<?>> childSpec() {
        return ChildSpec.worker("acceptor", this::startLink);
    }

    private Start<Task<?>> startLink() {
        return Task.startLink(this::acceptAll);
    }

    private void acceptAll() throws IOException, InterruptedException {
        ServerSocket socket = listener.socket();
        while (true) {
            Socket client;
            try {
                client = listener.accept(socket);
            } catch (IOException failed) {
                if (socket.isClosed()) {
                    throw failed; // the supervisor starts another acceptor, with another socket
                }
                log.warn("No connection can be accepted: {}", failed.getMessage());
                Processes.sleep(BACK_OFF);
                continue;
            }
            try {
                admit(client);
            } catch (IOException broken) {
                log.debug("A client has left at once: {}", broken.getMessage());
            }
        }
    }

    private void admit(Socket client) throws IOException {
        front.statistics().accepted.increment();
        boolean admitted = false;
        try {
            if (!front.access().isBanned(client.getInetAddress(), Processes.monotonicTime())) {
                configure(client);
                admitted = start(client);
            }
        } finally {
            if (!admitted) {
                front.statistics().refused.increment();
                client.close();
            }
        }
    }

    private boolean start(Socket client) throws IOException {
        Start<Task<?>> start = TaskSupervisor.startChild(CONNECTIONS, Connection.of(front, client));
        if (start instanceof Start.Failed<Task<?>>(ExitReason reason)) {
            log.debug("A connection is refused: {}", reason);
            if (front.tls() == null) {
                client.getOutputStream().write(Words.bytes("TOO MANY CONNECTIONS\r\n"));
            }
            return false;
        }
        return true;
    }

    /// Sends replies at once, and finds out within two minutes that a client is gone which cannot
    /// say so.
    private static void configure(Socket client) throws IOException {
        client.setTcpNoDelay(true);
        client.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        client.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEP_ALIVE_AFTER);
        client.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEP_ALIVE_EVERY);
        client.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEP_ALIVE_PROBES);
    }
}
