package kv;

import io.genserver.Down;
import io.genserver.ExitException;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.supervisor.Application;
import io.genserver.supervisor.Configuration;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/// The program. It starts the supervision tree, then the console on a terminal, or the script on a
/// pipe or a file. It stops the tree in order, whichever way the program ends.
@CommandLine.Command(
        name = "kv",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        header = "A key-value store on a supervision tree.",
        description = {
            "",
            "On a terminal, kv is a console with completion, help and a history"
                    + " (.kv_history in the user's home). Otherwise it runs a script: it reads one"
                    + " command per line from standard input, writes the answers to standard output,"
                    + " and reports bad lines with their numbers on standard error.",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:success",
            "1:the supervision tree did not start or gave up, kv failed, or answers could not be"
                    + " written",
            "2:an option or a line of the script was not valid",
            "130:Ctrl-C",
            "143:SIGTERM"
        })
public final class Main implements Callable<Integer> {

    /// How long a script may take to write its last answers after the tree has given up.
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

    /// The least severe level that is logged.
    enum LogLevel {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR,
        OFF
    }

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            defaultValue = "WARN",
            description =
                    "The lowest level to log on standard error: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
    private LogLevel logLevel = LogLevel.WARN;

    @Option(
            names = "--plain",
            description =
                    "Run the tree of the GenServer chapter, in which a bucket that crashes takes the"
                            + " registry down. Same as -Dkv.plain=true or KV_PLAIN=true.")
    private boolean plain;

    /// Gives picocli the version of this build.
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"kv " + version()};
        }
    }

    private Main() {}

    /// Runs kv.
    ///
    /// @param arguments `--help`, `--version`, `--log-level`, `--plain`
    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Main());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        System.exit(line.execute(arguments)); // the tree is stopped by the shutdown hook
    }

    @Override
    public Integer call() {
        System.setProperty(
                "org.slf4j.simpleLogger.defaultLogLevel",
                logLevel.name().toLowerCase(java.util.Locale.ROOT));
        Configuration configuration = Configuration.ofTheSystem();
        return Application.run(
                new Kv(),
                plain ? configuration.with(Kv.PLAIN, true) : configuration,
                () -> onTerminal() ? new Console().run() : script(System.in));
    }

    // On JDK 25 the console is null without a terminal.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean onTerminal() {
        java.io.Console console = System.console();
        return console != null && console.isTerminal();
    }

    /// Runs the script in a process of its own, which has a virtual thread. From there a call costs
    /// a fraction of a call from the main thread, which is a platform thread.
    ///
    /// The main thread writes the last line, because the script may still be writing when the tree
    /// gives up.
    private static int script(InputStream input) throws InterruptedException {
        PrintWriter output = writer(FileDescriptor.out); // not closed: used after the script
        PrintWriter errors = writer(FileDescriptor.err);
        AtomicReference<Script.@Nullable End> end = new AtomicReference<>();
        CountDownLatch written = new CountDownLatch(1);
        Pid script =
                Processes.spawnLink(() -> {
                    try {
                        end.set(new Script(reader(input), output, errors).run());
                    } finally {
                        written.countDown();
                    }
                });
        try {
            Processes.monitor(script);
            Processes.receive(Down.class);
        } catch (ExitException gaveUp) {
            // Limited, because the script may be blocked in a read.
            written.await(LAST_ANSWERS.toMillis(), TimeUnit.MILLISECONDS);
            throw gaveUp;
        }
        Script.End known = Objects.requireNonNull(end.get(), "a script that did not fail");
        errors.println(known.summary());
        errors.flush();
        return known.status();
    }

    private static BufferedReader reader(InputStream input) {
        return new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(
                new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8));
    }

    /// Returns the version of this build.
    static String version() {
        Properties properties = new Properties();
        try (InputStream stored = Main.class.getResourceAsStream("version.properties")) {
            if (stored == null) {
                throw new IllegalStateException("expected version.properties beside Main");
            }
            properties.load(stored);
        } catch (IOException e) {
            throw new IllegalStateException("expected to read version.properties", e);
        }
        return properties.getProperty("version");
    }
}
