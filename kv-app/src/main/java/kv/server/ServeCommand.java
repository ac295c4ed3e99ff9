package kv.server;

import io.genserver.Down;
import io.genserver.Processes;
import io.genserver.supervisor.Application;
import io.genserver.supervisor.Configuration;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import kv.OptionCheck;
import kv.Problem;
import kv.Units;
import kv.nodes.NodeBuckets;
import kv.nodes.NodeOptions;
import kv.store.Store;
import kv.store.StoreException;
import kv.top.ObserverOption;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `kv serve`: reads the options and runs the service until Ctrl-C or SIGTERM.
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        header = "Serves many clients at the same time.",
        description = {
            "",
            "Prints one line when it is ready: the address and the process id. Ctrl-C and SIGTERM stop"
                    + " it: it accepts no more clients, answers the requests that have arrived, and"
                    + " ends.",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:success",
            "1:the port is in use, a file cannot be read, or the supervision tree gave up",
            "2:an option was not valid",
            "130:Ctrl-C",
            "143:SIGTERM"
        })
public final class ServeCommand implements Callable<Integer> {

    private static final int LONGEST = 1 << 30; // units: bytes

    private static final Duration REST_OF_THE_STOP = Duration.ofSeconds(5);

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description =
                    "The address to listen on (default ${DEFAULT-VALUE}). Any but a loopback address"
                            + " needs --token-file, --tls-cert and --tls-key.")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "${env:PORT:-4040}",
            description =
                    "The port to listen on; 0 picks a free one (default: the environment variable"
                            + " PORT, otherwise 4040).")
    private int port;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "A client has to send AUTH and the first line of this file first. An address that"
                            + " fails five times is banned for a minute.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "Speak TLS with this certificate chain (PEM).")
    private @Nullable Path tlsCertificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "The private key of the certificate (PEM, PKCS #8).")
    private @Nullable Path tlsKey;

    /// Where the buckets live.
    enum StoreKind {
        VOLATILE,
        DURABLE
    }

    @Option(
            names = "--store",
            paramLabel = "KIND",
            defaultValue = "VOLATILE",
            description =
                    "volatile: buckets end with the program. durable: a change is answered when it is"
                            + " on disk (default volatile).")
    private StoreKind store = StoreKind.VOLATILE;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "The directory of the durable store, which nothing else may use.")
    private @Nullable Path dataDirectory;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            description =
                    "How many clients may be connected (default 10000, or as many as the process may"
                            + " have open files beside its own; see ulimit -n).")
    private @Nullable Integer maxConnections;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            defaultValue = "0",
            converter = Units.Time.class,
            description =
                    "Disconnect a client that sends nothing for this long; 0 for never (default"
                            + " ${DEFAULT-VALUE}). Subscribers may be idle.")
    private Duration idleTimeout = Duration.ZERO;

    @Option(
            names = "--line-timeout",
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = Units.Time.class,
            description =
                    "Disconnect a client that takes longer to send one line, to accept replies, or for"
                            + " the TLS handshake (default ${DEFAULT-VALUE}).")
    private Duration lineTimeout = Duration.ZERO;

    @Option(
            names = "--max-line",
            paramLabel = "SIZE",
            defaultValue = "64k",
            converter = Units.Size.class,
            description = "The longest line, in bytes (default ${DEFAULT-VALUE}).")
    private long maxLine;

    @Option(
            names = "--max-key",
            paramLabel = "SIZE",
            defaultValue = "1k",
            converter = Units.Size.class,
            description = "The longest key or bucket name, in bytes (default ${DEFAULT-VALUE}).")
    private long maxKey;

    @Option(
            names = "--max-value",
            paramLabel = "SIZE",
            defaultValue = "60k",
            converter = Units.Size.class,
            description = "The longest value, in bytes (default ${DEFAULT-VALUE}).")
    private long maxValue;

    @Option(
            names = "--max-memory",
            paramLabel = "SIZE",
            converter = Units.Size.class,
            description =
                    "The most bytes of all buckets together (default: half of the JVM's largest heap)."
                            + " What exceeds it is refused. All buckets of a durable store count,"
                            + " also those that no client has used since the start.")
    private @Nullable Long maxMemory;

    @Option(
            names = "--max-unread",
            paramLabel = "SIZE",
            defaultValue = "1m",
            converter = Units.Size.class,
            description =
                    "Disconnect a subscriber for which more bytes of changes wait (default"
                            + " ${DEFAULT-VALUE}).")
    private long maxUnread;

    @Option(
            names = "--shutdown-timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            converter = Units.Time.class,
            description =
                    "How long the requests that have arrived may take at the end (default"
                            + " ${DEFAULT-VALUE}).")
    private Duration shutdownTimeout = Duration.ZERO;

    @Mixin private final NodeOptions node = new NodeOptions();
    @Mixin private final ObserverOption observer = new ObserverOption();

    /// Makes the command; for picocli.
    public ServeCommand() {}

    @Override
    public Integer call() {
        InetAddress address = address();
        checkPublic(address);
        if ((store == StoreKind.DURABLE) != (dataDirectory != null)) {
            throw wrong("expected --store durable and --data-dir together, got only one of them");
        }
        boolean isNode = node.isNode();
        if (isNode && store == StoreKind.DURABLE) {
            throw wrong(
                    "expected --store volatile together with --node, because the buckets of several"
                            + " nodes are in memory");
        }
        Limits limits = limits();
        if (!observer.start()) {
            return 1;
        }
        try {
            Access access = access();
            Tls tls = tls();
            Listener listener = Listener.bind(address, port);
            Front front =
                    isNode
                            ? Front.overNodes(limits, access, tls, node.buckets())
                            : Front.of(limits, access, tls, openStore());
            front.buckets().open();
            return Application.run(
                    new Service(listener, front, shutdownTimeout),
                    Configuration.ofTheSystem(),
                    () -> serve(listener, isNode ? ", " + node.description() : ""),
                    shutdownTimeout.plus(
                            isNode ? REST_OF_THE_STOP.plus(NodeBuckets.END) : REST_OF_THE_STOP));
        } catch (IOException | StoreException failed) {
            System.err.println("kv did not start: " + Problem.of(failed));
            return 1;
        }
    }

    /// @param more the end of the line that tells that the server is ready
    private static int serve(Listener listener, String more) {
        // One string, so that a reader of the file sees all of it or nothing.
        System.out.println(
                "kv is ready on %s (pid %d)%s"
                        .formatted(listener.address(), ProcessHandle.current().pid(), more));
        Processes.receive(Down.class); // never comes; the end of the tree ends this process
        return 0;
    }

    private InetAddress address() {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException unknown) {
            throw wrong("expected --host to be an address of this machine, got: " + host);
        }
    }

    private void checkPublic(InetAddress address) {
        if ((tlsCertificate == null) != (tlsKey == null)) {
            throw wrong("expected --tls-cert and --tls-key together, got only one of them");
        }
        if (!address.isLoopbackAddress() && (tokenFile == null || tlsKey == null)) {
            throw wrong(
                    "expected --token-file, --tls-cert and --tls-key together with --host "
                            + host
                            + ", because others can connect to that address, and read what is sent");
        }
    }

    private Limits limits() {
        OptionCheck check = new OptionCheck(spec);
        check.between("--port", 0, 65_535, port);
        check.between("--max-key", 1, LONGEST, maxKey);
        check.between("--max-value", 1, LONGEST, maxValue);
        check.between("--max-line", "PUT   ".length() + 2 * maxKey + maxValue, LONGEST, maxLine);
        check.between("--max-unread", maxLine, LONGEST, maxUnread);
        return new Limits(
                connections(check, Descriptors.limit()),
                idleTimeout,
                lineTimeout,
                (int) maxLine,
                (int) maxKey,
                (int) maxValue,
                maxMemory == null ? Runtime.getRuntime().maxMemory() / 2 : maxMemory,
                (int) maxUnread);
    }

    private int connections(OptionCheck check, long descriptors) {
        if (maxConnections == null) {
            return Descriptors.standard(descriptors);
        }
        int possible = Descriptors.connections(descriptors);
        check.atLeast("--max-connections", 1, maxConnections);
        if (maxConnections > possible) {
            throw wrong(
                    "expected --max-connections to be at most %d, because the process may have %d open files (ulimit -n), got: %d"
                            .formatted(possible, descriptors, maxConnections));
        }
        return maxConnections;
    }

    private ParameterException wrong(String message) {
        return new OptionCheck(spec).wrong(message);
    }

    private @Nullable Store openStore() {
        return dataDirectory == null ? null : Store.open(dataDirectory);
    }

    private Access access() throws IOException {
        return tokenFile == null ? Access.open() : Access.byToken(tokenFile);
    }

    private @Nullable Tls tls() throws IOException {
        return tlsCertificate == null || tlsKey == null
                ? null
                : Tls.ofServer(tlsCertificate, tlsKey);
    }
}
