package io.genserver.cluster.jgroups;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jgroups.util.DefaultSocketFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// Sockets that speak TLS 1.3 only and let both sides show a certificate.
///
/// JGroups accepts connections on one thread, and would let a stranger who sends nothing hold that
/// thread. Here each handshake has a thread and a deadline of its own, and JGroups sees a
/// connection only after it.
final class TlsSockets extends DefaultSocketFactory {

    private static final Logger LOG = LoggerFactory.getLogger(JGroupsEngine.class);

    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final int HANDSHAKES = 64; // at a time
    private static final Duration AFTER_ERROR = Duration.ofMillis(100);

    private final SSLContext context;

    TlsSockets(SSLContext context) {
        super(context);
        this.context = context;
        setSocketConfigurator(socket -> prepare((SSLSocket) socket));
    }

    @Override
    public ServerSocket createServerSocket(String service) throws IOException {
        return new Listener(context);
    }

    private static void prepare(SSLSocket socket) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3"});
        parameters.setNeedClientAuth(true); // only the accepting side looks at it
        socket.setSSLParameters(parameters);
        closeUnlessDone(socket);
    }

    /// A peer that hangs must not keep a thread in the handshake.
    private static void closeUnlessDone(SSLSocket socket) {
        Thread deadline =
                Thread.ofVirtual()
                        .name("tls-deadline")
                        .start(() -> {
                            if (sleep(DEADLINE)) {
                                drop(socket);
                            }
                        });
        socket.addHandshakeCompletedListener(_ -> deadline.interrupt());
    }

    /// @return false if the thread was interrupted
    private static boolean sleep(Duration time) {
        try {
            Thread.sleep(time);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private static void drop(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("a connection did not close in order", e);
        }
    }

    /// Hands out connections whose handshake is done.
    private static final class Listener extends ServerSocket {

        private final SSLContext context;
        private final ReentrantLock lock = new ReentrantLock();

        /// The connections whose handshakes are under way, the oldest first. Used with the lock
        /// only.
        private final Set<Socket> underWay = new LinkedHashSet<>();

        private final BlockingQueue<Socket> ready = new LinkedBlockingQueue<>();
        private final LinePace pace = new LinePace();

        /// A platform thread, because a virtual one waits through epoll. Linux may let a thread of
        /// the JVM that sleeps in epoll keep a closed socket, which goes on listening.
        private final ExecutorService listener =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofPlatform().daemon().name("tls-listener").factory());

        Listener(SSLContext context) throws IOException {
            this.context = context;
        }

        @Override
        public void bind(SocketAddress address, int backlog) throws IOException {
            super.bind(address, backlog);
            listener.execute(this::listen);
        }

        /// Called by the one accepting thread of JGroups.
        @Override
        public Socket accept() throws IOException {
            try {
                Socket socket = ready.take();
                if (isClosed()) {
                    drop(socket);
                    throw new SocketException("the listening socket is closed");
                }
                return socket;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SocketException("interrupted");
            }
        }

        /// Frees the port before it returns. The system keeps the port for as long as a thread is
        /// accepting, so this waits for the end of that thread.
        @Override
        public void close() throws IOException {
            super.close();
            listener.close();
            List<Socket> unused = new ArrayList<>();
            ready.drainTo(unused);
            unused.forEach(TlsSockets::drop);
            ready.add(new Socket()); // wakes the accepting thread
        }

        private void listen() {
            while (!isClosed()) {
                try {
                    welcome(super.accept());
                } catch (IOException e) {
                    if (!isClosed()) {
                        LOG.warn("cannot accept a connection: {}", e.getMessage());
                        sleep(AFTER_ERROR);
                    }
                }
            }
        }

        private void welcome(Socket raw) {
            Socket loser = makeRoom(raw);
            if (loser != null) {
                refused(loser, "it is slow, and " + HANDSHAKES + " handshakes are under way");
                drop(loser);
            }
            Thread.ofVirtual().name("tls-handshake").start(() -> shakeHands(raw));
        }

        /// Adds a handshake. If there are too many, takes away the oldest one of the address that
        /// has most of them. So strangers who say nothing hold up only each other: the handshake of
        /// a node takes some milliseconds.
        private @Nullable Socket makeRoom(Socket raw) {
            lock.lock();
            try {
                Socket loser = underWay.size() < HANDSHAKES ? null : oldestOfMost();
                if (loser != null) {
                    underWay.remove(loser);
                }
                underWay.add(raw);
                return loser;
            } finally {
                lock.unlock();
            }
        }

        private Socket oldestOfMost() {
            Map<InetAddress, List<Socket>> all =
                    underWay.stream().collect(Collectors.groupingBy(Socket::getInetAddress));
            return all.values().stream()
                    .max(Comparator.comparingInt(List::size))
                    .orElseThrow()
                    .getFirst();
        }

        private void done(Socket raw) {
            lock.lock();
            try {
                underWay.remove(raw);
            } finally {
                lock.unlock();
            }
        }

        private void shakeHands(Socket raw) {
            try {
                SSLSocket socket =
                        (SSLSocket) context.getSocketFactory().createSocket(raw, null, true);
                prepare(socket);
                socket.startHandshake();
                ready.add(socket);
                if (isClosed() && ready.remove(socket)) {
                    drop(socket); // nobody accepts it
                }
            } catch (IOException e) {
                refused(raw, e.getMessage());
                drop(raw);
            } finally {
                done(raw);
            }
        }

        /// Strangers must not fill the log: one warning a second, the others for debugging.
        private void refused(Socket raw, @Nullable String why) {
            LOG.atLevel(pace.isDue() ? Level.WARN : Level.DEBUG)
                    .log("refused a connection from {}: {}", raw.getRemoteSocketAddress(), why);
        }
    }
}
