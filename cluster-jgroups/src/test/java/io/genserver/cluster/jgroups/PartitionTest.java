package io.genserver.cluster.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.genserver.cluster.engine.Member;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Cuts the network between nodes: three addresses of a loopback network that no other process
/// sees, and rules of nftables. Needs root, `unshare`, `ip` and `nft`. Runs with `./verify -q -pl
/// cluster-jgroups -am -Dtest=PartitionTest -Dpartitions=true
/// -Dsurefire.failIfNoSpecifiedTests=false test`.
@EnabledIfSystemProperty(
        named = "partitions",
        matches = "true",
        disabledReason = "takes half a minute; runs with -Dpartitions=true")
class PartitionTest {

    private static final List<String> OWN_NETWORK =
            List.of("unshare", "-n", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh");

    @Test
    void cut_off_nodes_are_told_as_gone_and_after_the_heal_as_merged() throws Exception {
        assumeTrue(
                canCut(),
                "needs root and the programs unshare, ip and nft (Debian: iproute2, nftables)");
        Jvm jvm = Jvm.start(OWN_NETWORK, List.of(), Scenario.class);
        try {
            assertThat(jvm.exit()).isZero();
            System.out.println(String.join("\n", jvm.rest()));
        } finally {
            jvm.kill();
        }
    }

    private static boolean canCut() throws InterruptedException {
        List<String> attempt = new ArrayList<>(OWN_NETWORK);
        attempt.addAll(List.of("nft", "add", "table", "ip", "cut"));
        try {
            return run(attempt) == 0;
        } catch (IOException e) {
            return false; // there is no unshare
        }
    }

    private static int run(List<String> command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    /// Runs in the network that no other process sees. Its exit code is not 0 if something is
    /// wrong.
    static final class Scenario {

        private static final String A = "127.0.0.1:7801";
        private static final String B = "127.0.0.2:7801";
        private static final String C = "127.0.0.3:7801";

        private static volatile int lastSent; // written by the sender, read by the main thread

        private Scenario() {}

        public static void main(String[] arguments) throws Exception {
            try (Node a = Node.started(A, A, B, C);
                    Node b = Node.started(B, A, B, C);
                    Counting c = new Counting(C, A, B, C)) {
                c.engine.start(c);
                a.sees(b, c);
                b.sees(a, c);
                c.sees(a, b);
                oneAgainstTwo(a, b, c);
                oneWay(a, b, c);
            }
            System.exit(0);
        }

        private static void oneAgainstTwo(Node a, Node b, Counting c) throws Exception {
            AtomicBoolean done = new AtomicBoolean();
            Thread sender = Thread.ofVirtual().start(() -> sendNumbers(a, c, done));
            await().until(() -> c.numbers.size() > 100);
            long start = System.nanoTime();
            cut("ip saddr 127.0.0.1 ip daddr { 127.0.0.2, 127.0.0.3 } drop");
            cut("ip daddr 127.0.0.1 ip saddr { 127.0.0.2, 127.0.0.3 } drop");
            b.sees(c);
            c.sees(b);
            a.sees(new Node[0]);
            report("cut until all were told", start);
            int before = c.numbers.size();
            int told = lastSent;

            start = System.nanoTime();
            heal();
            a.sees(b, c);
            b.sees(a, c);
            c.sees(a, b);
            report("heal until all were together", start);
            assertThat(a.changes.getLast().merged()).containsExactlyInAnyOrder(B, C);
            assertThat(b.changes.getLast().merged()).containsExactly(A);
            assertThat(c.changes.getLast().merged()).containsExactly(A);

            await().atMost(Node.CEILING).until(() -> c.numbers.size() > before + 100);
            done.set(true);
            sender.join();
            long late = c.numbers.stream().skip(before).filter(number -> number <= told).count();
            assertThat(c.numbers).isSorted().doesNotHaveDuplicates();
            System.out.println("frames that came late, after both had been told: " + late);
            b.send(a, new byte[1]);
            await().atMost(Node.CEILING).until(() -> a.frames.size() == 1);
        }

        private static void oneWay(Node a, Node b, Node c) throws Exception {
            int told = a.changes.size();
            cut("ip saddr 127.0.0.3 ip daddr 127.0.0.1 drop");
            await().atMost(Node.CEILING).until(() -> a.changes.size() > told);
            heal();
            a.sees(b, c);
            b.sees(a, c);
            c.sees(a, b);
            int before = a.frames.size();
            c.send(a, new byte[1]);
            await().atMost(Node.CEILING).until(() -> a.frames.size() > before);
        }

        private static void report(String what, long start) {
            System.out.println(what + ": " + (System.nanoTime() - start) / 1_000_000 + " ms");
        }

        private static void sendNumbers(Node from, Node to, AtomicBoolean done) {
            Member member = from.member(to);
            try {
                for (int number = 0; !done.get(); number++) {
                    lastSent = number;
                    from.engine.send(member, ByteBuffer.allocate(4).putInt(number).array());
                    Thread.sleep(1);
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private static void cut(String rule) throws IOException, InterruptedException {
            nft("add table ip cut");
            nft("add chain ip cut out { type filter hook output priority 0 ; }");
            nft("add rule ip cut out " + rule);
        }

        private static void heal() throws IOException, InterruptedException {
            nft("delete table ip cut");
        }

        private static void nft(String command) throws IOException, InterruptedException {
            assertThat(run(List.of("nft", command))).isZero();
        }
    }

    /// A node that keeps the numbers in its frames.
    private static final class Counting extends Node {

        final List<Integer> numbers = new CopyOnWriteArrayList<>();

        Counting(String address, String... seeds) {
            super(JGroupsOptions.at(address).withSeeds(List.of(seeds)));
        }

        @Override
        public void received(Member from, byte[] frame) {
            numbers.add(ByteBuffer.wrap(frame).getInt());
        }
    }
}
