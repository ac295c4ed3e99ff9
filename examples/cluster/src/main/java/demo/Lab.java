package demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/// Nodes in JVMs of their own. A node that is silent for 3 s counts as lost.
final class Lab implements AutoCloseable {

    static final List<String> NAMES = List.of("a", "b", "c");

    private static final String SILENCE = "3";

    final Network network = Network.ofThisProgram();
    final Events events;
    final Path folder = Files.createTempDirectory("cluster-demo");
    final Certificates certificates = new Certificates(folder);

    final Path cookie = Files.writeString(folder.resolve("cookie"), "not-a-secret\n");
    private final Map<String, NodeProcess> nodes = new LinkedHashMap<>();

    private boolean tls; // used by the main thread only

    /// Makes a lab without nodes. Their logs will be in a folder for temporary files.
    ///
    /// @param print gets a line for each event
    Lab(Consumer<String> print) throws IOException {
        events = new Events(print);
    }

    /// Makes keys, with which nodes that are started later protect their connections.
    void useTls() throws IOException, InterruptedException {
        tls = true;
        certificates.authority("ca");
        for (String name : NAMES) {
            certificates.node("ca", name);
        }
    }

    private static int number(String name) {
        return name.charAt(0) - 'a' + 1;
    }

    String address(String name) throws IOException {
        return network.address(number(name));
    }

    /// Starts a node as one of the cluster.
    NodeProcess start(String name) throws IOException, InterruptedException {
        return start(name, cookie, tls ? keys(name) : List.of());
    }

    /// Returns the arguments that give a node its keys.
    List<String> keys(String name) {
        return List.of(
                "--key-store",
                folder.resolve(name + ".p12").toString(),
                "--password-file",
                certificates.passwordFile().toString());
    }

    /// Starts a node.
    ///
    /// @param tls the arguments about keys, or none
    NodeProcess start(String name, Path cookieFile, List<String> tls)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(tls);
        arguments.addAll(List.of("--name", name + "@demo", "--listen", address(name)));
        for (String seed : NAMES) {
            arguments.addAll(List.of("--seed", address(seed)));
        }
        arguments.addAll(List.of("--cookie-file", cookieFile.toString()));
        arguments.addAll(List.of("--expected", "3", "--silence", SILENCE));
        NodeProcess node = new NodeProcess(name, arguments, log(name), events);
        nodes.put(name, node);
        ask(name, "nodes"); // answered when it is a member
        return node;
    }

    /// Starts the three nodes, and waits until they are connected.
    void startAll() throws IOException, InterruptedException {
        for (String name : NAMES) {
            start(name);
        }
        awaitTogether();
    }

    Path log(String name) {
        return folder.resolve(name + ".log");
    }

    NodeProcess node(String name) {
        return Objects.requireNonNull(nodes.get(name), name);
    }

    String ask(String name, String command) throws IOException, InterruptedException {
        return node(name).ask(command).replace("@demo", "");
    }

    /// Waits until a command has an answer.
    void await(String name, String command, String answer)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        String last = ask(name, command);
        while (!last.equals(answer)) {
            Broken.check(
                    System.nanoTime() - start < Events.CEILING.toNanos(),
                    "expected the answer of "
                            + name
                            + " to "
                            + command
                            + " to be "
                            + answer
                            + ", got: "
                            + last);
            Thread.sleep(50);
            last = ask(name, command);
        }
    }

    /// Waits until each node is connected with the two others.
    void awaitTogether() throws IOException, InterruptedException {
        for (String name : NAMES) {
            await(name, "nodes", others(name).toString());
        }
    }

    static List<String> others(String name) {
        return NAMES.stream().filter(other -> !other.equals(name)).toList();
    }

    /// Waits until all nodes know the same process under a global name, and returns it.
    String awaitName(String name) throws IOException, InterruptedException {
        long start = System.nanoTime();
        String found = agreement("whereis " + name);
        while (found.equals("nowhere")) {
            Broken.check(
                    System.nanoTime() - start < Events.CEILING.toNanos(),
                    "expected a process under the name " + name + ", got none");
            Thread.sleep(50);
            found = agreement("whereis " + name);
        }
        return found;
    }

    /// Waits until all nodes answer a command alike, and returns the answer.
    String agreement(String command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (true) {
            List<String> answers = new ArrayList<>();
            for (String name : NAMES) {
                answers.add(ask(name, command));
            }
            if (answers.stream().distinct().count() == 1) {
                return answers.getFirst();
            }
            Broken.check(
                    System.nanoTime() - start < Events.CEILING.toNanos(),
                    "expected all nodes to agree on " + command + ", got: " + answers);
            Thread.sleep(50);
        }
    }

    /// Cuts a node off from others, in both directions.
    static void cutOff(Network.Own network, String name, List<String> others)
            throws IOException, InterruptedException {
        List<Network.Way> ways = new ArrayList<>();
        for (String other : others) {
            ways.add(new Network.Way(number(name), number(other)));
            ways.add(new Network.Way(number(other), number(name)));
        }
        network.cut(ways);
    }

    /// Drops what one node sends to another.
    static void cutOneWay(Network.Own network, String from, String to)
            throws IOException, InterruptedException {
        network.cut(List.of(new Network.Way(number(from), number(to))));
    }

    void kill(String name) {
        node(name).kill();
    }

    @Override
    public void close() {
        for (NodeProcess node : nodes.values()) {
            node.kill();
        }
    }
}
