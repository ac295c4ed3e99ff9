package io.genserver.observer;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A page on the loopback address that shows the processes of a node while they run: what is wrong,
/// the supervision tree, the processes with the longest mailboxes or the most messages, who waits
/// for whom, and the last crashes and restarts.
///
/// ```java
/// try (Observer observer = Observer.start()) {   // logs the address to open
///     …
/// }
/// ```
///
/// ## What it costs
///
/// While nobody looks, the observer does nothing but keep the last 1,000 events, such as crashes.
/// While somebody looks, it visits all processes every 2 s, or less often, so that the visits take
/// at most a fiftieth of one core. Its own threads are no processes and are in no number. It never
/// asks a supervisor anything, and asks a server for its state only if the viewer clicks. It then
/// waits for at most 500 ms.
///
/// ## Who may look
///
/// Only programs on the same machine can connect. The logged address holds a token that works once.
/// Whoever opens it gets a cookie, and the next address is logged. Requests from other pages are
/// refused. To look from elsewhere, use an SSH tunnel: `ssh -L 4041:127.0.0.1:4041 host`, then open
/// the address with the port 4041. A tunnel to another port works, too.
///
/// By default a viewer can change nothing and sees no data: see [ObserverOptions#withActions] and
/// [ObserverOptions#withState].
///
/// The JDK's web server takes some of its limits from system properties of the whole JVM. If the
/// following are not set, the first observer sets them: `sun.net.httpserver.maxReqTime` to 10 s,
/// `sun.net.httpserver.maxReqHeaderSize` to 16 KB, `jdk.httpserver.maxConnections` to 200.
public final class Observer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Observer.class);

    /// One for each stream, and some for short requests.
    private static final int THREADS = Streams.MOST + 12;

    private static final long IDLE = 10; // units: s

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final Streams streams;
    private final Gate gate;
    private final Events events;
    private final AccessFile accessFile;

    static {
        limit("sun.net.httpserver.maxReqTime", "10");
        limit("sun.net.httpserver.maxReqHeaderSize", "16384");
        limit("jdk.httpserver.maxConnections", "200");
    }

    private static void limit(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private Observer(ObserverOptions options, HttpServer server) {
        this.server = server;
        this.gate = new Gate(server.getAddress().getPort());
        this.events = Events.of(options.node(), options.showState());
        Looks looks = new Looks(options.node());
        this.streams = new Streams(looks);
        Screens screens = new Screens(options, events);
        this.threads = threads();
        server.setExecutor(threads);
        server.createContext("/", new Pages(options, gate, screens, looks, streams));
        this.accessFile = new AccessFile(options.accessFile());
    }

    /// Platform threads, because the page must work while the servers keep all carrier threads
    /// busy. A request that finds no thread is refused: its connection is closed.
    private static ThreadPoolExecutor threads() {
        return new ThreadPoolExecutor(
                0,
                THREADS,
                IDLE,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                Thread.ofPlatform().daemon().name("genserver-observer-", 1).factory());
    }

    /// Starts an observer of the current node, on a free port.
    ///
    /// @return the observer
    /// @throws UncheckedIOException as [#start(ObserverOptions)] does
    public static Observer start() {
        return start(ObserverOptions.defaults());
    }

    /// Starts an observer and logs the address to open at level info.
    ///
    /// @param options what it shows and allows
    /// @return the observer
    /// @throws UncheckedIOException if the port is in use, or the access file cannot be written
    public static Observer start(ObserverOptions options) {
        InetSocketAddress address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), options.port());
        try {
            Observer observer = new Observer(options, HttpServer.create(address, 0));
            observer.open();
            return observer;
        } catch (IOException failed) {
            throw new UncheckedIOException(
                    "expected a free port on " + address + ": " + failed.getMessage(), failed);
        }
    }

    private void open() throws IOException {
        try {
            accessFile.write(address(), gate.key());
        } catch (IOException failed) {
            close();
            throw failed;
        }
        server.start();
        gate.announce();
    }

    /// Returns the port.
    ///
    /// @return the port
    public int port() {
        return server.getAddress().getPort();
    }

    /// Returns the address to open in a browser. Its token works once. Afterwards this method
    /// returns another address.
    ///
    /// @return the address
    public String url() {
        return gate.url();
    }

    private String address() {
        return "http://127.0.0.1:" + port();
    }

    /// Closes all connections and the port. Does not wait for requests that are being answered.
    @Override
    public void close() {
        streams.close();
        server.stop(0);
        threads.shutdownNow();
        events.close();
        accessFile.delete();
        log.debug("the observer on {} is closed", address());
    }
}
