package kv;

import io.genserver.supervisor.Application;
import io.genserver.supervisor.Configuration;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import kv.client.ClientCommand;
import kv.console.NodeShell;
import kv.console.Session;
import kv.load.LoadCommand;
import kv.nodes.NodeBuckets;
import kv.nodes.NodeKv;
import kv.nodes.NodeOptions;
import kv.nodes.Room;
import kv.server.ServeCommand;
import kv.top.ObserverOption;
import kv.top.TopCommand;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The program. It starts the supervision tree, then the console on a terminal, or the script on a
/// pipe or a file. It stops the tree in order, whichever way the program ends.
@CommandLine.Command(
        name = "kv",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {
            ServeCommand.class,
            ClientCommand.class,
            LoadCommand.class,
            TopCommand.class
        },
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

    /// The least severe level that is logged.
    enum LogLevel {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR,
        OFF
    }

    private static final Duration REST_OF_THE_STOP = Duration.ofSeconds(5);

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            scope = CommandLine.ScopeType.INHERIT,
            description =
                    "The lowest level to log on standard error: ${COMPLETION-CANDIDATES} (default INFO"
                            + " for serve, otherwise WARN).")
    private @Nullable LogLevel logLevel;

    @Option(
            names = "--plain",
            description =
                    "Run the tree of the GenServer chapter, in which a bucket that crashes takes the"
                            + " registry down. Same as -Dkv.plain=true or KV_PLAIN=true.")
    private boolean plain;

    @Mixin private final NodeOptions node = new NodeOptions();
    @Mixin private final ObserverOption observer = new ObserverOption();

    /// Gives picocli the version of this build.
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"kv " + kv.Version.ofThisBuild()};
        }
    }

    private Main() {}

    /// Runs kv.
    ///
    /// @param arguments `--help`, `--version`, `--log-level`, `--plain`
    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Main());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionStrategy(Main::execute);
        line.setParameterExceptionHandler(Main::refuse);
        System.exit(line.execute(arguments)); // the tree is stopped by the shutdown hook
    }

    /// Sets the level of the log, and runs the last command of the line.
    private static int execute(CommandLine.ParseResult parsed) {
        Main main = parsed.commandSpec().commandLine().getCommand();
        if (parsed.hasSubcommand() && main.node.isNode()) {
            throw new OptionCheck(main.spec).wrong("expected --node after the name of the command");
        }
        boolean serves =
                parsed.hasSubcommand() && parsed.subcommand().commandSpec().name().equals("serve");
        LogLevel standard = serves ? LogLevel.INFO : LogLevel.WARN;
        LogLevel level = main.logLevel == null ? standard : main.logLevel;
        System.setProperty(
                "org.slf4j.simpleLogger.defaultLogLevel",
                level.name().toLowerCase(java.util.Locale.ROOT));
        return new CommandLine.RunLast().execute(parsed);
    }

    /// Prints what was wrong with the line. The help would push that out of a small terminal.
    private static int refuse(ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        PrintWriter errors = command.getErr();
        errors.println(command.getColorScheme().errorText(wrong.getMessage()));
        CommandLine.UnmatchedArgumentException.printSuggestions(wrong, errors);
        CommandSpec spec = command.getCommandSpec();
        errors.println(spec.qualifiedName() + " --help shows the options");
        return spec.exitCodeOnInvalidInput();
    }

    @Override
    public Integer call() {
        if (!observer.start()) {
            return 1;
        }
        if (node.isNode()) {
            return runAsNode();
        }
        Configuration configuration = Configuration.ofTheSystem();
        return Application.run(
                new Kv(), plain ? configuration.with(Kv.PLAIN, true) : configuration, Session::run);
    }

    private int runAsNode() {
        if (plain) {
            throw new OptionCheck(spec)
                    .wrong(
                            "expected --plain or --node, got both: the plain tree is for one program");
        }
        try {
            NodeBuckets buckets = node.buckets().apply(Room::unlimited);
            buckets.join();
            return Application.run(
                    new NodeKv(buckets),
                    Configuration.ofTheSystem(),
                    () -> {
                        System.err.println("kv is " + node.description());
                        return Session.run(new NodeShell(buckets));
                    },
                    NodeBuckets.END.plus(REST_OF_THE_STOP));
        } catch (IOException failed) {
            System.err.println("kv did not start: " + Problem.of(failed));
            return 1;
        }
    }
}
