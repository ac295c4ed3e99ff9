package demo;

import io.genserver.supervisor.*;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Runs one node of a cluster, or three of them in JVMs of their own and breaks them.
final class ClusterDemo {

    private static final String USAGE =
            """
            demo               starts three nodes, kills one, cuts one off, and prints what each sees
            faults [WORD]      the same and more, with checks; exits with 1 if a promise is broken
            soak --minutes N   load on three nodes, one of which is killed every 20 s
            """;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

    private ClusterDemo() {}

    public static void main(String[] arguments) throws Exception {
        List<String> all = Arrays.asList(arguments);
        List<String> rest = all.subList(Math.min(1, all.size()), all.size());
        String command = all.isEmpty() ? "nothing" : all.getFirst();
        try {
            switch (command) {
                case "node" -> System.exit(node(NodeArguments.parse(rest)));
                case "demo" -> Demo.run();
                case "faults" -> System.exit(Faults.run(rest) ? 0 : 1);
                case "soak" -> System.exit(Soak.run(rest) ? 0 : 1);
                default ->
                        throw new IllegalArgumentException(
                                "expected demo, faults, soak or node, got: " + command);
            }
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.print(USAGE + NodeArguments.USAGE);
            System.exit(2);
        }
    }

    private static int node(NodeArguments arguments) {
        PrintStream output = System.out;
        DemoNode node =
                new DemoNode(
                        arguments,
                        event ->
                                output.println(
                                        LocalTime.now(ZoneId.systemDefault()).format(TIME)
                                                + " "
                                                + event));
        return Application.run(node, Configuration.ofTheSystem(), () -> console(output));
    }

    private static int console(PrintStream output) throws IOException {
        InputStreamReader input = new InputStreamReader(System.in, StandardCharsets.UTF_8);
        boolean interactive =
                Optional.ofNullable(System.console())
                        .filter(java.io.Console::isTerminal)
                        .isPresent();
        new Console(new BufferedReader(input), output, interactive).run();
        return 0;
    }
}
