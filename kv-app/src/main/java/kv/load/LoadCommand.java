package kv.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import kv.OptionCheck;
import kv.Units;
import kv.client.Endpoint;
import kv.client.EndpointOptions;
import kv.console.Session;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/// `kv load`: puts load on a server, checks every answer and prints the latencies.
@CommandLine.Command(
        name = "load",
        mixinStandardHelpOptions = true,
        header = "Puts load on a server and checks every answer.",
        description = {
            "",
            "First writes every key once. Then sends requests from all connections, and prints how"
                    + " many were answered in a second and how long they took. A value that was"
                    + " not written, or that has certainly been replaced, is a wrong answer. While"
                    + " the load runs, no other client may write to its buckets load-0, load-1 and so"
                    + " on.",
            "",
            "Without --rate, a connection sends the next request when it has an answer, and the"
                    + " latency counts from then on. If the server pauses, each connection has only"
                    + " one slow request, or as many as --depth says, because the others are never"
                    + " sent. With --rate, the latency counts from the time at which a request was"
                    + " due, so that a pause shows in all requests it delays.",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:every request got a right answer",
            "1:an answer was wrong, refused or lost, or the server could not be reached",
            "2:an option was not valid, or a file could not be read",
            "130:Ctrl-C, after the result so far"
        })
public final class LoadCommand implements Callable<Integer> {

    private static final int SUCCESS = 0;
    private static final int FAILURE = 1;
    private static final String ERASE_LINE = "\r\033[K";
    private static final int LARGEST_VALUE = 1 << 20;

    /// How long to wait for the last answers.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// How long Ctrl-C waits for the result.
    private static final Duration LAST_WORDS = PATIENCE.plusSeconds(5);

    /// The language of the server.
    enum Protocol {
        KV,
        REDIS
    }

    @Spec private @Nullable CommandSpec spec; // set by picocli, as all that follow

    @Mixin private EndpointOptions endpointOptions = new EndpointOptions();

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "64",
            description = "The number of connections (default ${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = "--depth",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "How many requests of a connection may wait for their answers (default"
                            + " ${DEFAULT-VALUE}).")
    private int depth;

    @Option(
            names = "--mix",
            paramLabel = "MIX",
            defaultValue = "get=50,put=50",
            converter = MixConverter.class,
            description =
                    "How often each of get, put and delete occurs (default ${DEFAULT-VALUE}).")
    private @Nullable Mix mix;

    @Option(
            names = "--keys",
            paramLabel = "N",
            defaultValue = "10000",
            description = "The number of keys (default ${DEFAULT-VALUE}).")
    private int keys;

    @Option(
            names = "--distribution",
            paramLabel = "NAME",
            defaultValue = "uniform",
            description =
                    "uniform: all keys are equally likely; zipf: a few keys get most of the"
                            + " requests (default ${DEFAULT-VALUE}).")
    private Distribution distribution = Distribution.UNIFORM;

    @Option(
            names = "--buckets",
            paramLabel = "N",
            defaultValue = "1",
            description = "The number of buckets that share the keys (default ${DEFAULT-VALUE}).")
    private int buckets;

    @Option(
            names = "--value-size",
            paramLabel = "SIZE",
            defaultValue = "16",
            converter = Units.Size.class,
            description = "The size of each value, in bytes (default ${DEFAULT-VALUE}).")
    private long valueSize;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = Units.Time.class,
            description = "How long to measure (default ${DEFAULT-VALUE}).")
    private Duration duration = Duration.ZERO;

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            defaultValue = "2s",
            converter = Units.Time.class,
            description =
                    "How long to send requests before the measurement (default"
                            + " ${DEFAULT-VALUE}).")
    private Duration warmUp = Duration.ZERO;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description =
                    "The requests in a second on all connections together. Without it, as many as"
                            + " the server answers.")
    private @Nullable Integer rate;

    @Option(
            names = "--protocol",
            paramLabel = "NAME",
            defaultValue = "kv",
            description = "kv, or redis for a comparison (default ${DEFAULT-VALUE}).")
    private Protocol protocol = Protocol.KV;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    /// Parses a mix.
    static final class MixConverter implements ITypeConverter<Mix> {
        @Override
        public Mix convert(String text) {
            try {
                return Mix.parse(text);
            } catch (IllegalArgumentException bad) {
                throw new TypeConversionException(bad.getMessage());
            }
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        Settings settings = settings();
        Consumer<String> progress = progress();
        Load load = new Load(settings, progress);
        CountDownLatch printed = new CountDownLatch(1);
        Thread onInterrupt = new Thread(() -> stop(load, printed));
        Runtime.getRuntime().addShutdownHook(onInterrupt);
        try {
            return run(load, settings, progress);
        } finally {
            printed.countDown();
            forget(onInterrupt);
        }
    }

    private int run(Load load, Settings settings, Consumer<String> progress) {
        PrintWriter output = commandLine().getOut();
        try {
            Result result = load.run();
            progress.accept(""); // leaves an empty line for the result
            output.println(json ? result.json() : describe(settings) + result.text(latencyFrom()));
            output.flush();
            return result.isClean() ? SUCCESS : FAILURE;
        } catch (IOException failed) {
            PrintWriter errors = commandLine().getErr();
            errors.println("cannot load " + settings.endpoint() + ": " + failed.getMessage());
            errors.flush();
            return FAILURE;
        }
    }

    private String latencyFrom() {
        return rate == null ? "sending" : "when each request was due";
    }

    private static String describe(Settings settings) {
        return "load      %s, %d connections, depth %d, %s, %d keys %s, values of %d bytes%n"
                .formatted(
                        settings.dialect(),
                        settings.connections(),
                        settings.depth(),
                        settings.mix(),
                        settings.keys(),
                        settings.distribution().name().toLowerCase(Locale.ROOT),
                        settings.dialect().values().size());
    }

    /// Ends the run because the JVM ends, and waits until the result is printed.
    private static void stop(Load load, CountDownLatch printed) {
        load.stop();
        try {
            if (!printed.await(LAST_WORDS.toSeconds(), TimeUnit.SECONDS)) {
                System.err.println("kv load did not end in time");
            }
        } catch (InterruptedException neverHappens) {
            throw new AssertionError(neverHappens);
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException running) {
            // It has been waiting for this.
        }
    }

    /// Returns what shows the progress on a terminal, and nothing elsewhere.
    private static Consumer<String> progress() {
        return Session.isOnTerminal()
                ? line -> {
                    System.err.print(ERASE_LINE + line);
                    System.err.flush();
                }
                : line -> {};
    }

    private Settings settings() {
        OptionCheck check = new OptionCheck(spec);
        check.atLeast("--connections", 1, connections);
        check.atLeast("--depth", 1, depth);
        check.between("--keys", 1, Values.KEYS, keys);
        check.between("--buckets", 1, keys, buckets);
        check.between("--value-size", Values.SMALLEST, LARGEST_VALUE, valueSize);
        if (rate != null) {
            check.atLeast("--rate", 1, rate);
        }
        if (!duration.isPositive()) {
            throw check.wrong("expected --duration to be longer than 0");
        }
        Endpoint endpoint = endpointOptions.endpoint();
        if (endpoint.server().isUnresolved()) {
            throw check.wrong(
                    "expected a host with an address, got: " + endpoint.server().getHostString());
        }
        Values values = new Values((int) valueSize);
        return new Settings(
                endpoint,
                protocol == Protocol.KV ? new KvDialect(buckets, values) : new RedisDialect(values),
                connections,
                depth,
                Objects.requireNonNull(mix, "set by picocli"),
                keys,
                distribution,
                warmUp,
                duration,
                rate == null ? OptionalInt.empty() : OptionalInt.of(rate),
                PATIENCE);
    }

    private CommandLine commandLine() {
        return Objects.requireNonNull(spec, "set by picocli").commandLine();
    }
}
