package io.genserver.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The `bench` command. Runs each operation of each contestant in a JVM of its own, for several
/// rounds. In each round all contestants run an operation before the next one begins. Writes a CSV
/// file after each round and prints a table at the end.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        header = "Compares this library with its peers and prints a table.",
        footer = {
            "bench --jmh [JMH's options]  runs the JMH benchmarks",
            "bench --soak [MINUTES]       runs a mixed load; the live heap must not grow",
            "bench --startup [RUNS]       measures the time from launching kv to its first answer",
            "bench --overload [SECONDS]   sends a server twice what it can handle, with each policy"
        })
final class Bench implements Callable<Integer> {

    /// The flags of every JVM.
    private static final List<String> FLAGS =
            List.of(
                    "-XX:+ExitOnOutOfMemoryError",
                    "-XX:+AlwaysPreTouch", // otherwise the first touch of each page is measured too
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow");

    private static final Pattern MEASURED = Pattern.compile("= (.*) (\\S+)");
    private static final int OUT_OF_MEMORY = 3; // the exit code under ExitOnOutOfMemoryError

    private enum LogLibrary {
        LOGBACK,
        SIMPLE
    }

    @Parameters(
            paramLabel = "OPERATION",
            description = "Operations, by name or prefix of a name; all by default.")
    private List<String> operations = new ArrayList<>();

    @Option(
            names = {"-c", "--contestants"},
            split = ",",
            paramLabel = "NAME",
            description =
                    "Contestants to compare, such as ours,pekko. By default all but those with the"
                            + " flight recorder: recorded, recorded-nb, afterwards, afterwards-nb.")
    private List<String> contestants = new ArrayList<>();

    @Option(
            names = {"-r", "--rounds"},
            defaultValue = "5",
            description = "The number of rounds, ${DEFAULT-VALUE} by default.")
    private int rounds;

    @Option(
            names = "--warm-up",
            defaultValue = "1000",
            paramLabel = "MS",
            description =
                    "The warm-up time of each run, ${DEFAULT-VALUE} ms by default. restart has five"
                            + " times as much.")
    private int warmUp;

    @Option(
            names = "--time",
            defaultValue = "1000",
            paramLabel = "MS",
            description = "The measuring time of each run, ${DEFAULT-VALUE} ms by default.")
    private int time;

    @Option(
            names = "--limit",
            defaultValue = "60",
            paramLabel = "S",
            description = "The time limit of each run, ${DEFAULT-VALUE} s by default.")
    private int limit;

    @Option(
            names = "--log",
            defaultValue = "logback",
            paramLabel = "LIBRARY",
            description =
                    "The log library of every JVM: logback, the default, or simple, which has no MDC."
                            + " call-mdc always has logback.")
    private LogLibrary log = LogLibrary.LOGBACK;

    @Option(
            names = "--csv",
            defaultValue = "bench.csv",
            paramLabel = "FILE",
            description = "The file to write the figures to, ${DEFAULT-VALUE} by default.")
    private Path csv = Path.of("bench.csv");

    @Option(
            names = {"-l", "--list"},
            description = "List the operations and the contestants that have them.")
    private boolean list;

    private final Path erlang = Path.of(System.getProperty("bench.erlang", "erlang"));
    private final Path simple = Path.of(System.getProperty("bench.simple", "simple"));
    private final Results results = new Results();

    public static void main(String[] arguments) {
        System.exit(
                new CommandLine(new Bench())
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .setParameterExceptionHandler(Bench::refuse)
                        .execute(arguments));
    }

    private static int refuse(CommandLine.ParameterException wrong, String[] arguments) {
        System.err.println(wrong.getMessage());
        System.err.println("./bench --help shows the options");
        return CommandLine.ExitCode.USAGE;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        checkNumbers();
        List<Operation> chosen = chosenOperations();
        List<Contestant> taking = chosenContestants();
        if (list) {
            chosen.forEach(operation -> describe(operation, taking));
            return 0;
        }
        String header = Machine.describe() + Machine.contestants(hasBeam()) + method();
        Map<Contestant, String> absent = new EnumMap<>(Contestant.class);
        if (taking.contains(Contestant.BEAM) && !hasBeam()) {
            taking.remove(Contestant.BEAM);
            absent.put(Contestant.BEAM, "apt install erlang-base");
        }
        boolean allWell = true;
        for (int round = 1; round <= rounds; round++) {
            for (Operation operation : chosen) {
                System.err.printf(
                        Locale.ROOT, "round %d of %d: %s%n", round, rounds, operation.id());
                for (Contestant contestant : taking) {
                    if (contestant.has(operation) && !results.hasFailed(operation, contestant)) {
                        allWell &= run(operation, contestant);
                    }
                }
            }
            Files.writeString(csv, results.csv()); // in case a later round is interrupted
        }
        System.out.println(header);
        System.out.println(results.table(absent));
        System.out.println(results.savina());
        System.err.println("The figures are in " + csv.toAbsolutePath());
        return allWell ? 0 : 1;
    }

    private String method() {
        return String.format(
                Locale.ROOT,
                """
                Flags of every JVM: %s, -Xms and -Xmx 768m (512m for million)
                Log library of every JVM: %s, switched off
                %d rounds, each in a JVM of its own: %d ms of warm-up (restart: %d ms), %d ms measured
                Cells: median (least–greatest) of the rounds, ×ratio to ours; less is better.
                """,
                String.join(" ", FLAGS),
                log == LogLibrary.LOGBACK ? "logback" : "slf4j-simple, logback for call-mdc",
                rounds,
                warmUp,
                warmUp * Operation.RESTART.warmUps(),
                time);
    }

    private List<Operation> chosenOperations() {
        List<Operation> all = Arrays.asList(Operation.values());
        if (operations.isEmpty()) {
            return all;
        }
        for (String name : operations) {
            if (all.stream().noneMatch(operation -> operation.id().startsWith(name))) {
                throw wrong("expected a name or prefix of an operation, see --list, got: " + name);
            }
        }
        return all.stream()
                .filter(operation -> operations.stream().anyMatch(operation.id()::startsWith))
                .toList();
    }

    private List<Contestant> chosenContestants() {
        List<String> all = Stream.of(Contestant.values()).map(Contestant::id).toList();
        for (String name : contestants) {
            if (!all.contains(name)) {
                throw wrong("expected one of " + all + ", got: " + name);
            }
        }
        return contestants.isEmpty()
                ? new ArrayList<>(
                        Stream.of(Contestant.values()).filter(each -> !each.isExtra()).toList())
                : new ArrayList<>(contestants.stream().map(Contestant::of).sorted().toList());
    }

    private void checkNumbers() {
        for (int number : new int[] {rounds, time, limit}) {
            if (number < 1) {
                throw wrong(
                        "expected --rounds, --time and --limit to be 1 or more, got: " + number);
            }
        }
        if (warmUp < 0) {
            throw wrong("expected --warm-up to be 0 or more, got: " + warmUp);
        }
    }

    private CommandLine.ParameterException wrong(String message) {
        return new CommandLine.ParameterException(new CommandLine(this), message);
    }

    private static void describe(Operation operation, List<Contestant> contestants) {
        List<String> having =
                contestants.stream()
                        .filter(contestant -> contestant.has(operation))
                        .map(Contestant::id)
                        .toList();
        System.out.printf(
                Locale.ROOT,
                "%-20s %s%n%20s (%s)%n",
                operation.id(),
                operation.title(),
                "",
                String.join(", ", having));
    }

    private boolean hasBeam() {
        return Files.exists(erlang.resolve("bench.beam"));
    }

    /// @return whether the run succeeded, or failed in a way that [Contestant#mayFail] allows
    private boolean run(Operation operation, Contestant contestant)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("bench", ".txt");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command(operation, contestant))
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile());
            builder.environment().put("ERL_CRASH_DUMP_BYTES", "0");
            Process process = builder.start();
            if (!process.waitFor(limit, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                return tooMuch(operation, contestant, "not done in " + limit + " s");
            }
            String text = Files.readString(output);
            return record(operation, contestant, process.exitValue(), text);
        } finally {
            Files.delete(output);
        }
    }

    private boolean record(Operation operation, Contestant contestant, int exit, String text) {
        if (exit == OUT_OF_MEMORY) {
            return tooMuch(operation, contestant, "out of memory");
        }
        Map<String, Double> measured = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            Matcher matcher = MEASURED.matcher(line);
            if (matcher.matches()) {
                measured.put(matcher.group(1), Double.valueOf(matcher.group(2)));
            }
        }
        if (exit != 0 || measured.isEmpty()) {
            System.err.println(operation.id() + " of " + contestant.id() + " failed:\n" + text);
            results.failed(operation, contestant, "failed");
            return false;
        }
        results.add(operation, contestant, measured);
        List<String> without =
                measured.entrySet().stream()
                        .filter(each -> each.getKey().endsWith("samples") && each.getValue() == 0)
                        .map(Map.Entry::getKey)
                        .toList();
        return without.isEmpty() || isKnown(operation, contestant, "without " + without);
    }

    private boolean tooMuch(Operation operation, Contestant contestant, String why) {
        results.failed(operation, contestant, why);
        return isKnown(operation, contestant, why);
    }

    private static boolean isKnown(Operation operation, Contestant contestant, String why) {
        boolean known = contestant.mayFail(operation);
        System.err.println(
                operation.id()
                        + " of "
                        + contestant.id()
                        + ": "
                        + why
                        + (known ? ", as is known" : ", which is a failure"));
        return known;
    }

    private List<String> command(Operation operation, Contestant contestant) throws IOException {
        String warm = Integer.toString(warmUp * operation.warmUps());
        String length = Integer.toString(time);
        List<String> command = new ArrayList<>();
        if (contestant == Contestant.BEAM) {
            command.addAll(List.of("erl", "-noshell", "-pa", erlang.toString()));
            command.addAll(List.of("+P", "2000000")); // process limit, 262,144 by default
            command.addAll(List.of("-run", "bench", "main", operation.base().id(), warm, length));
            return command;
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        if (log == LogLibrary.SIMPLE) {
            command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=off");
        }
        command.add("-Xms" + operation.heap());
        command.add("-Xmx" + operation.heap());
        command.addAll(List.of("-cp", classPath(operation)));
        command.add(One.class.getName());
        command.addAll(List.of(contestant.id(), operation.id(), warm, length));
        return command;
    }

    /// Returns the class path of this JVM, in which slf4j-simple may replace logback.
    private String classPath(Operation operation) throws IOException {
        String mine = System.getProperty("java.class.path");
        if (log == LogLibrary.LOGBACK || operation == Operation.CALL_MDC) {
            return mine;
        }
        List<String> entries = new ArrayList<>(List.of(mine.split(File.pathSeparator, -1)));
        entries.removeIf(entry -> entry.contains(File.separator + "logback-"));
        try (Stream<Path> jars = Files.list(simple)) {
            jars.forEach(jar -> entries.add(jar.toString()));
        }
        return String.join(File.pathSeparator, entries);
    }
}
