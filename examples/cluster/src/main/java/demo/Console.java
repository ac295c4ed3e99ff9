package demo;

import io.genserver.*;
import io.genserver.cluster.*;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;

/// Reads commands and answers each with one line.
final class Console {

    private static final String HELP =
            """
            nodes                 the connected nodes, and whether this side has a majority
            add TARGET AMOUNT     calls a counter; a TARGET is a node, or a global name
            start NODE            starts another counter on a node
            monitor TARGET        reports the end of a counter
            link TARGET           reports the end of a counter by a link
            kill TARGET           kills a counter; its supervisor restarts that of a node
            register NAME         starts a counter here under a global name
            unregister NAME       frees a global name
            whereis NAME          the process that has a global name
            names                 all global names
            join GROUP            adds this node's counter to a group
            leave GROUP           takes it out
            members GROUP         the members; changes are reported from now on
            disconnect NODE       ends the connection; it is back a second later
            load NUMBER           sends so many messages to each node every millisecond
            check                 what the messages have shown
            memory                the live heap and the resident memory
            quit                  ends the node, as the end of the input does\
            """;

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final BufferedReader input;
    private final PrintStream output;
    private final boolean interactive;

    Console(BufferedReader input, PrintStream output, boolean interactive) {
        this.input = input;
        this.output = output;
        this.interactive = interactive;
    }

    /// Runs commands until the input ends.
    void run() throws IOException {
        prompt();
        for (String line = input.readLine();
                line != null && !line.strip().equals("quit");
                line = input.readLine()) {
            if (!line.isBlank()) {
                output.println(answer(line.strip().split("\\s+")));
            }
            prompt();
        }
    }

    private void prompt() {
        if (interactive) {
            output.print(Cluster.self() + "> ");
            output.flush();
        }
    }

    private static String answer(String[] words) {
        try {
            return switch (words) {
                case String[] w when w.length == 1 -> answer(w[0]);
                case String[] w when w.length == 2 -> answer(w[0], w[1]);
                case String[] w when w.length == 3 && w[0].equals("add") ->
                        ""
                                + GenServer.call(
                                        target(w[1]),
                                        new Counter.Add(Long.parseLong(w[2])),
                                        TIMEOUT);
                default -> unknown();
            };
        } catch (RuntimeException | IOException e) {
            return "failed: " + e.getMessage();
        }
    }

    private static String answer(String command) throws IOException {
        return switch (command) {
            case "nodes" -> Cluster.nodes() + (Cluster.hasQuorum() ? "" : ", which is no majority");
            case "names" -> Global.names().stream().map(String::valueOf).sorted().toList() + "";
            case "check" -> check().toString();
            case "memory" -> memory();
            case "help" -> HELP;
            default -> unknown();
        };
    }

    private static String answer(String command, String word) {
        return switch (command) {
            case "start" ->
                    Witness.on(Cluster.startServer(word, Counter.NAME, Ok.OK, TIMEOUT).pid());
            case "monitor" -> ask(new Witness.Monitor(find(word), word));
            case "link" -> ask(new Witness.Link(find(word), word));
            case "kill" -> {
                Pid victim = find(word);
                Processes.exit(victim, ExitReason.KILL);
                yield "killed " + Witness.on(victim);
            }
            case "register" -> register(word);
            case "unregister" -> {
                Global.unregister(word);
                yield "ok";
            }
            case "whereis" -> Global.whereis(word).map(Witness::on).orElse("nowhere");
            case "join" -> {
                ProcessGroups.join(word, counter());
                yield "ok";
            }
            case "leave" -> ProcessGroups.leave(word, counter()) ? "ok" : "it was no member";
            case "members" -> {
                ask(new Witness.Group(word));
                yield text(ProcessGroups.members(word));
            }
            case "disconnect" -> Cluster.disconnect(word) ? "ok" : "it was not connected";
            case "load" -> {
                Load load = new Load(Integer.parseInt(word));
                yield Witness.on(Processes.spawn(load));
            }
            default -> unknown();
        };
    }

    private static String unknown() {
        return "expected a command; help lists them";
    }

    /// Returns the counter of a node, or that with a global name.
    private static ServerRef target(String word) {
        return word.contains("@") ? ServerRef.name(Counter.NAME, word) : Global.via(word);
    }

    private static Pid find(String word) {
        return GenServer.whereis(target(word))
                .orElseThrow(() -> new IllegalArgumentException("nobody is " + word));
    }

    private static Pid counter() {
        return Processes.whereis(Counter.NAME).orElseThrow();
    }

    private static String ask(Witness.Request request) {
        GenServer.call(Witness.SERVER, request);
        return "ok";
    }

    private static String register(String name) {
        return switch (CallServer.start(Counter::new, StartOption.name(Global.via(name)))) {
            case Start.Ok<?>(Pid process) -> "registered " + Witness.on(process);
            case Start.Failed<?>(ExitReason.AlreadyStarted(Pid process)) ->
                    "taken by " + Witness.on(process);
            case Start.Failed<?>(ExitReason.Crash(NoQuorumException _)) ->
                    "refused, because this side has no majority";
            case Start.Failed<?>(ExitReason reason) -> "failed: " + reason;
            case Start.Ignore<?> _ -> throw new IllegalStateException("a counter starts");
        };
    }

    private static String text(Collection<Pid> members) {
        return members.stream().map(Witness::on).sorted().toList().toString();
    }

    static Referee.Report check() {
        return GenServer.call(Server.named(Referee.NAME, Referee.class), new Referee.Ask());
    }

    private static String memory() throws IOException {
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return "heap " + heap / 1024 + " KB, resident " + resident() + " KB";
    }

    /// Returns the resident memory, or 0 where Linux's proc file system is missing. Units: KB
    private static long resident() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }
}
