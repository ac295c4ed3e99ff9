package demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Breaks a cluster in all the ways a machine allows, under load, and checks what is promised.
final class Faults {

    /// How many numbers each node sends to each other one every millisecond.
    private static final String LOAD = "load 1";

    private static final int BUFFER = 1 << 16;

    /// The timeout of a call, and as much again for a slow machine. Units: s
    private static final double CALL_LIMIT = 10;

    /// How long it may take until a loss is noticed: the silence that is allowed, the time until a
    /// node sees that it is over, and as much again for a slow machine. Units: s
    private static final double NOTICED = 10;

    /// How long two nodes stay apart after both have noticed it.
    private static final Duration APART = Duration.ofSeconds(8);

    /// How long a call to a node may take that is known as lost. Units: s
    private static final double AT_ONCE = 2;

    private final Lab lab;
    private boolean allHold = true;

    private Faults(Lab lab) {
        this.lab = lab;
    }

    /// One way to break it, and what is checked while it is broken.
    private interface Fault {
        /// Lets it happen, and returns what was measured.
        String happens(Faults on) throws IOException, InterruptedException;
    }

    /// Happens only on a network of this program's own.
    private interface NetworkFault extends Fault {
        String happens(Faults on, Network.Own network) throws IOException, InterruptedException;

        @Override
        default String happens(Faults on) throws IOException, InterruptedException {
            return happens(on, (Network.Own) on.lab.network);
        }
    }

    private static final Map<String, Fault> ALL = new LinkedHashMap<>();

    static {
        ALL.put("kill -9", Faults::kill);
        ALL.put("a node is paused, and goes on", Faults::pause);
        ALL.put("a connection is ended", Faults::disconnect);
        put("a | b c", (on, network) -> on.partition(network, "a"));
        put("a b | c", (on, network) -> on.partition(network, "c"));
        put("b cannot reach a", Faults::oneWay);
        put("a and c do not reach each other", (on, network) -> on.bridge(network, "a", "c"));
        put("flapping", Faults::flapping);
        ALL.put("a node without a certificate", on -> on.rogue(on.lab.cookie, List.of()));
        ALL.put("a node with a foreign certificate", Faults::foreign);
        ALL.put("a node with another cookie", Faults::wrongCookie);
        ALL.put("garbage on the port", Faults::garbage);
    }

    private static void put(String name, NetworkFault fault) {
        ALL.put(name, fault);
    }

    /// Lets all faults happen.
    ///
    /// @param arguments nothing, or a word in the names of the faults that are to happen
    /// @return whether all promises were kept
    /// @throws IllegalArgumentException if no name contains the word
    static boolean run(List<String> arguments) throws IOException, InterruptedException {
        Map<String, Fault> chosen = named(String.join(" ", arguments));
        try (Lab lab = new Lab(_ -> {})) {
            System.out.println("three nodes with TLS start; their logs are in " + lab.folder);
            lab.useTls();
            lab.startAll();
            Faults faults = new Faults(lab);
            for (String name : Lab.NAMES) {
                lab.ask(name, LOAD);
            }
            for (Map.Entry<String, Fault> fault : chosen.entrySet()) {
                faults.check(fault.getKey(), fault.getValue());
            }
            return faults.allHold;
        }
    }

    private static Map<String, Fault> named(String word) {
        Map<String, Fault> chosen = new LinkedHashMap<>(ALL);
        chosen.keySet().removeIf(name -> !name.contains(word));
        if (chosen.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected a part of one of these names, got: %s%n  %s"
                            .formatted(word, String.join("\n  ", ALL.keySet())));
        }
        return chosen;
    }

    private void check(String name, Fault fault) throws IOException, InterruptedException {
        if (fault instanceof NetworkFault && lab.network instanceof Network.Shared) {
            System.out.printf(
                    "skipped  %s, because it needs root or user namespaces, and nft%n", name);
            return;
        }
        try {
            String measured = fault.happens(this);
            checkTogether();
            System.out.printf("holds    %s: %s%n", name, measured);
        } catch (Broken broken) {
            allHold = false;
            System.out.printf("BROKEN   %s: %s%n", name, broken.getMessage());
            if (lab.network instanceof Network.Own own) {
                own.heal();
                lab.awaitTogether(); // so that the next fault finds a whole cluster
            }
        }
    }

    /// Checks what has to hold when no node is cut off.
    private void checkTogether() throws IOException, InterruptedException {
        lab.awaitTogether();
        lab.awaitName(DemoNode.SINGLETON);
        for (String name : Lab.NAMES) {
            String report = lab.ask(name, "check");
            Broken.check(report.startsWith("faults {} "), "node " + name + ": " + report);
        }
    }

    private double awaitDown(Events.Mark since, String name, String other)
            throws InterruptedException {
        return lab.events.await(since, name, "node " + other + " is down");
    }

    private String kill() throws IOException, InterruptedException {
        lab.ask("a", "monitor c@demo");
        lab.ask("b", "monitor c@demo");
        Events.Mark start = lab.events.mark();
        lab.kill("c");
        double down =
                Math.max(
                        lab.events.await(start, "a", "monitor of c fired: noconnection"),
                        lab.events.await(start, "b", "monitor of c fired: noconnection"));
        awaitDown(start, "a", "c");
        awaitDown(start, "b", "c");
        lab.start("c");
        lab.awaitTogether();
        lab.ask("c", LOAD);
        once(start, "a", "c");
        once(start, "b", "c");
        return "Down after %.2f s".formatted(down);
    }

    /// Checks that a monitor has fired once, and that its node was told as gone once.
    private void once(Events.Mark since, String name, String other) {
        for (String text :
                List.of("monitor of " + other + " fired: .*", "node " + other + " is down")) {
            long count = lab.events.count(since, name, text);
            Broken.check(
                    count == 1, "expected once on node " + name + ": " + text + ", got: " + count);
        }
    }

    private String pause() throws IOException, InterruptedException {
        watchEachOther("c");
        Events.Mark start = lab.events.mark();
        lab.node("c").pause();
        double down = Math.max(awaitDown(start, "a", "c"), awaitDown(start, "b", "c"));
        Events.Mark resumed = lab.events.mark();
        lab.node("c").resume();
        double other = Math.max(awaitDown(resumed, "c", "a"), awaitDown(resumed, "c", "b"));
        lab.awaitTogether();
        double together = seconds(resumed);
        onceEachWay(start, "c");
        return "Down after %.2f s; the paused node knew %.2f s after it went on, all were together after %.2f s"
                .formatted(down, other, together);
    }

    /// Lets a node monitor the counters of the others, and the others its counter.
    private void watchEachOther(String name) throws IOException, InterruptedException {
        for (String other : Lab.others(name)) {
            lab.ask(name, "monitor " + other + "@demo");
            lab.ask(other, "monitor " + name + "@demo");
        }
    }

    private void onceEachWay(Events.Mark since, String name) {
        for (String other : Lab.others(name)) {
            once(since, name, other);
            once(since, other, name);
        }
    }

    private String disconnect() throws IOException, InterruptedException {
        Events.Mark start = lab.events.mark();
        lab.ask("a", "disconnect b@demo");
        double down = Math.max(awaitDown(start, "a", "b"), awaitDown(start, "b", "a"));
        lab.awaitTogether();
        return "both knew after %.2f s, together after %.2f s".formatted(down, seconds(start));
    }

    /// Cuts a node off. The others go on, and it refuses what only one side may do.
    private String partition(Network.Own network, String alone)
            throws IOException, InterruptedException {
        List<String> others = Lab.others(alone);
        String name = "bank-" + alone;
        watchEachOther(alone);
        lab.ask(alone, "register " + name);
        Events.Mark start = lab.events.mark();
        Lab.cutOff(network, alone, others);
        double down = 0;
        for (String other : others) {
            down = Math.max(down, awaitDown(start, alone, other));
            down = Math.max(down, awaitDown(start, other, alone));
        }
        refused(
                alone,
                "register shop-" + alone,
                "refused, because this side has no majority",
                CALL_LIMIT);
        noConnection(alone, others.getFirst());
        uniqueOn(others, name);
        Events.Mark healed = lab.events.mark();
        network.heal();
        lab.awaitTogether();
        double together = seconds(healed);
        lab.awaitName(name);
        onceEachWay(start, alone);
        return "Down after %.2f s, together %.2f s after the heal".formatted(down, together);
    }

    /// Checks that a call to a node that is lost fails at once.
    private void noConnection(String name, String other) throws IOException, InterruptedException {
        refused(
                name,
                "add " + other + "@demo 1",
                "failed: call to .* is not connected, or .*",
                AT_ONCE);
    }

    /// Checks the answer of a node that is cut off, and that it comes in time.
    ///
    /// @param limit units: s
    private void refused(String name, String command, String expected, double limit)
            throws IOException, InterruptedException {
        Events.Mark start = lab.events.mark();
        String answer = lab.ask(name, command);
        double time = seconds(start);
        Broken.check(answer.matches(expected), "expected " + expected + ", got: " + answer);
        Broken.check(time < limit, command + " took " + time + " s");
    }

    /// Lets two nodes race for a name. One gets it, and both know who.
    private void uniqueOn(List<String> two, String name) throws IOException, InterruptedException {
        Pair answers = new Pair(two, "register " + name);
        Broken.check(
                answers.count("registered ") == 1 && answers.count("taken by ") == 1,
                "expected one of two nodes to get a name, got: " + answers.all());
        Pair found = new Pair(two, "whereis " + name);
        Broken.check(
                found.all().get(0).equals(found.all().get(1)),
                "expected the majority to know one process, got: " + found.all());
    }

    /// The answers of two nodes that are asked at the same time.
    private final class Pair {
        private final String[] answers = new String[2];

        Pair(List<String> two, String command) throws IOException, InterruptedException {
            for (int i = 0; i < 2; i++) {
                lab.node(two.get(i)).say(command);
            }
            for (int i = 0; i < 2; i++) {
                answers[i] = lab.node(two.get(i)).answer(command);
            }
        }

        List<String> all() {
            return List.of(answers);
        }

        long count(String start) {
            return all().stream().filter(answer -> answer.startsWith(start)).count();
        }
    }

    private String oneWay(Network.Own network) throws IOException, InterruptedException {
        return twoApart(network, "b", "a", () -> Lab.cutOneWay(network, "b", "a"));
    }

    private String bridge(Network.Own network, String one, String other)
            throws IOException, InterruptedException {
        return twoApart(network, one, other, () -> Lab.cutOff(network, one, List.of(other)));
    }

    /// Two nodes do not reach each other, and the third one reaches both. The two lose each other,
    /// and only once. The engine may let the third one lose one of them for a time.
    private String twoApart(Network.Own network, String one, String other, Cut cut)
            throws IOException, InterruptedException {
        lab.ask(one, "monitor " + other + "@demo");
        lab.ask(other, "monitor " + one + "@demo");
        Events.Mark start = lab.events.mark();
        cut.happens();
        double noticed = Math.max(awaitDown(start, one, other), awaitDown(start, other, one));
        Broken.check(noticed < NOTICED, "it was noticed after " + noticed + " s");
        noConnection(one, other);
        noConnection(other, one);
        Thread.sleep(APART);
        once(start, one, other);
        once(start, other, one);
        String third =
                Lab.NAMES.stream()
                        .filter(name -> !name.equals(one) && !name.equals(other))
                        .findFirst()
                        .orElseThrow();
        long losses = lab.events.count(start, third, "node . is down");
        Events.Mark healed = lab.events.mark();
        network.heal();
        lab.awaitTogether();
        double together = seconds(healed);
        for (String name : List.of(one, other)) {
            String fired = "monitor of " + (name.equals(one) ? other : one) + " fired: .*";
            long count = lab.events.count(start, name, fired);
            Broken.check(count == 1, "node " + name + ": " + count + " of " + fired);
        }
        return "both knew after %.2f s, %s lost %d connections, together %.2f s after the heal"
                .formatted(noticed, third, losses, together);
    }

    /// How a network is cut.
    private interface Cut {
        void happens() throws IOException, InterruptedException;
    }

    private String flapping(Network.Own network) throws IOException, InterruptedException {
        Events.Mark start = lab.events.mark();
        for (int millis : new int[] {500, 1_000, 2_000, 3_000, 4_000, 6_000, 1_000, 7_000}) {
            Lab.cutOff(network, "b", List.of("a", "c"));
            Thread.sleep(millis);
            network.heal();
            Thread.sleep(millis / 2);
        }
        Events.Mark healed = lab.events.mark();
        lab.awaitTogether();
        long downs = lab.events.count(start, "b", "node . is down");
        return "b lost %d connections, together %.2f s after the last heal"
                .formatted(downs, seconds(healed));
    }

    /// Starts a node that must not get in.
    private String rogue(Path cookie, List<String> tls) throws IOException, InterruptedException {
        Events.Mark start = lab.events.mark();
        NodeProcess rogue = lab.start("d", cookie, tls);
        try {
            Thread.sleep(8_000); // as long as it takes a node to get in
            String nodes = rogue.ask("nodes");
            Broken.check(nodes.startsWith("[],"), "expected it to be alone, got: " + nodes);
            for (String name : Lab.NAMES) {
                undisturbed(start, name);
                Broken.check(
                        lab.events.count(start, name, "node d is up") == 0,
                        "node " + name + " let it in");
            }
            return "it stays alone";
        } finally {
            rogue.kill();
        }
    }

    private void undisturbed(Events.Mark since, String name) {
        long downs = lab.events.count(since, name, "node . is down");
        Broken.check(downs == 0, "node " + name + " lost " + downs + " connections");
    }

    private String foreign() throws IOException, InterruptedException {
        lab.certificates.authority("foreign");
        lab.certificates.node("foreign", "foreigner");
        return rogue(lab.cookie, lab.keys("foreigner"));
    }

    private String wrongCookie() throws IOException, InterruptedException {
        lab.certificates.node("ca", "d");
        Path cookie = Files.writeString(lab.folder.resolve("wrong-cookie"), "a-guess\n");
        return rogue(cookie, lab.keys("d"));
    }

    private String garbage() throws IOException, InterruptedException {
        Events.Mark start = lab.events.mark();
        Random random = new Random(17);
        int connections = 0;
        for (String name : Lab.NAMES) {
            for (int length : new int[] {1, 100, BUFFER}) {
                connections++;
                send(name, random, length);
            }
        }
        Thread.sleep(2_000);
        for (String name : Lab.NAMES) {
            undisturbed(start, name);
        }
        return connections + " connections, and no node was lost";
    }

    private void send(String name, Random random, int length) throws IOException {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        String address = lab.address(name);
        int colon = address.lastIndexOf(':');
        int port = Integer.parseInt(address.substring(colon + 1));
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address.substring(0, colon), port));
            socket.getOutputStream().write(bytes);
        }
    }

    private static double seconds(Events.Mark since) {
        return (System.nanoTime() - since.time()) / 1e9;
    }
}
