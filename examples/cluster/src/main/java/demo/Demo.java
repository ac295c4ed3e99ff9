package demo;

import java.io.IOException;
import java.util.List;

/// Starts three nodes, kills one, pauses one, cuts one off, and prints what each of them sees.
final class Demo {

    private static final String UP = "node %s is up";

    private final Lab lab;

    private Demo(Lab lab) {
        this.lab = lab;
    }

    static void run() throws IOException, InterruptedException {
        say("three nodes start: a, b, c; each line shows the time, the node, and what it sees");
        try (Lab lab = new Lab(Demo::print)) {
            lab.startAll();
            Demo demo = new Demo(lab);
            demo.use();
            demo.kill();
            demo.pause();
            switch (lab.network) {
                case Network.Own own -> demo.partition(own);
                case Network.Shared _ ->
                        say(
                                "no node is cut off, because that needs root or user namespaces, and nft");
            }
            say("the end");
        }
    }

    private static void print(String line) {
        System.out.println(line);
    }

    private static void say(String line) {
        print("-- " + line);
    }

    private void tell(String node, String command) throws IOException, InterruptedException {
        System.out.println("            " + node + "> " + command + "   " + lab.ask(node, command));
    }

    private void use() throws IOException, InterruptedException {
        say("a calls the counter of b, and all join a group");
        tell("a", "add b@demo 5");
        tell("a", "add b@demo 7");
        for (String name : Lab.NAMES) {
            tell(name, "join counters");
        }
        lab.agreement("members counters");
        tell("a", "members counters");
        say("c registers a global name, and each node knows it");
        tell("c", "register bank");
        tell("b", "register bank");
        tell("a", "add bank 100");
        tell("a", "whereis singleton");
        watch("a", "c");
        watch("b", "c");
    }

    /// Lets a node watch the counter of another one.
    private void watch(String name, String other) throws IOException, InterruptedException {
        tell(name, "monitor " + other + "@demo");
        tell(name, "link " + other + "@demo");
    }

    private void kill() throws IOException, InterruptedException {
        say("kill -9 c");
        Events.Mark killed = lab.events.mark();
        lab.kill("c");
        awaitDown(killed, "a", "c");
        awaitDown(killed, "b", "c");
        tell("a", "whereis bank");
        say("c starts again; it is a new node with the old name");
        lab.start("c");
        lab.awaitTogether();
        watch("a", "c");
        watch("c", "a");
    }

    private void pause() throws IOException, InterruptedException {
        say("c is paused with SIGSTOP");
        Events.Mark paused = lab.events.mark();
        lab.node("c").pause();
        awaitDown(paused, "a", "c");
        awaitDown(paused, "b", "c");
        say("c goes on, and learns that the others have given it up");
        Events.Mark resumed = lab.events.mark();
        lab.node("c").resume();
        awaitDown(resumed, "c", "a");
        awaitDown(resumed, "c", "b");
        lab.awaitTogether();
    }

    private void partition(Network.Own network) throws IOException, InterruptedException {
        for (String name : List.of("b", "c")) {
            watch("a", name);
            watch(name, "a");
        }
        tell("a", "register bank");
        say("a is cut off from b and c");
        Events.Mark cut = lab.events.mark();
        Lab.cutOff(network, "a", List.of("b", "c"));
        for (String name : List.of("b", "c")) {
            awaitDown(cut, "a", name);
            awaitDown(cut, name, "a");
        }
        for (String name : Lab.NAMES) {
            tell(name, "nodes");
        }
        tell("a", "register shop");
        tell("b", "register bank");
        tell("c", "whereis bank");
        tell("a", "add b@demo 1");
        tell("c", "add b@demo 1");
        say("the network is healed");
        Events.Mark healed = lab.events.mark();
        network.heal();
        for (String name : List.of("b", "c")) {
            lab.events.await(healed, "a", UP.formatted(name));
            lab.events.await(healed, name, UP.formatted("a"));
        }
        lab.awaitTogether();
        lab.awaitName("bank");
        lab.awaitName("singleton");
        tell("a", "whereis bank");
        tell("a", "whereis singleton");
        tell("a", "add b@demo 1");
    }

    private void awaitDown(Events.Mark since, String name, String other)
            throws InterruptedException {
        lab.events.await(since, name, "node " + other + " is down");
    }
}
