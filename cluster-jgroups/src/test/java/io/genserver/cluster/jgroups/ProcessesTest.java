package io.genserver.cluster.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.cluster.engine.Member;
import io.genserver.ports.FreePorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Nodes that are lost, as processes.
class ProcessesTest {

    private final List<Jvm> started = new ArrayList<>();

    private String a;
    private String b;
    private String c;

    private record Three(Jvm first, Jvm second, Jvm third) {}

    @BeforeEach
    void pickAddresses() throws IOException {
        a = FreePorts.nextAddress();
        b = FreePorts.nextAddress();
        c = FreePorts.nextAddress();
    }

    private Three startThree(Duration silence) throws Exception {
        Jvm first = start(a, silence);
        first.await("started");
        Jvm second = start(b, silence);
        Jvm third = start(c, silence);
        first.await(now(b, c));
        second.await(now(a, c));
        third.await(now(a, b));
        return new Three(first, second, third);
    }

    private Jvm start(String address, Duration silence, String... options) throws IOException {
        Jvm jvm = Jvm.start(List.of(options), Program.class, silence.toString(), address, a, b, c);
        started.add(jvm);
        return jvm;
    }

    @AfterEach
    void killAll() throws InterruptedException {
        for (Jvm jvm : started) {
            jvm.kill();
        }
    }

    private static String now(String... members) {
        return Program.line(Set.of(members), Set.of());
    }

    /// Its silence is not what tells the others, because that would take too long.
    @Test
    void one_that_is_killed_is_told_to_the_others() throws Exception {
        Three nodes = startThree(Node.CEILING.multipliedBy(2));
        nodes.third().kill();
        nodes.first().await(now(b));
        nodes.second().await(now(a));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_seed_that_is_slow_to_answer_is_waited_for(boolean hasTls, @TempDir Path folder)
            throws Exception {
        JGroupsOptions options = JGroupsOptions.at(b).withSeeds(List.of(a));
        Jvm seed;
        if (hasTls) {
            Certificates certificates = new Certificates(folder);
            options = options.withTls(certificates.tls("ours", "b"));
            Path keys = certificates.node("ours", "a");
            seed =
                    start(
                            a,
                            Node.CEILING,
                            "-Dtest.keys=" + keys,
                            "-Dtest.password=" + certificates.password());
        } else {
            seed = start(a, Node.CEILING);
        }
        seed.await("started");
        seed.signal("STOP"); // the system still accepts connections for it
        JGroupsOptions asks = options;
        FutureTask<Node> start = new FutureTask<>(() -> Node.started(asks));
        Thread.ofVirtual().start(start);
        assertThatThrownBy(() -> start.get(3, TimeUnit.SECONDS))
                .isInstanceOf(TimeoutException.class);
        seed.signal("CONT");

        try (Node node = start.get()) {
            node.sees(a);
            assertThat(node.changes).allMatch(change -> change.merged().isEmpty());
        }
    }

    /// The two find each other at once, and neither is a member yet.
    @Test
    void a_slow_seed_is_waited_for_by_two_that_start_at_the_same_time() throws Exception {
        Jvm seed = start(a, Node.CEILING);
        seed.await("started");
        seed.signal("STOP");
        List<FutureTask<Node>> starts =
                Stream.of(b, c)
                        .map(address -> new FutureTask<>(() -> Node.started(address, a, b, c)))
                        .toList();
        starts.forEach(start -> Thread.ofVirtual().start(start));
        try {
            assertThatThrownBy(() -> starts.getFirst().get(3, TimeUnit.SECONDS))
                    .isInstanceOf(TimeoutException.class);
            assertThat(starts.getLast()).isNotDone();
        } finally {
            seed.signal("CONT");
        }

        try (Node second = starts.getFirst().get(30, TimeUnit.SECONDS);
                Node third = starts.getLast().get(30, TimeUnit.SECONDS)) {
            second.sees(a, c);
            third.sees(a, b);
            assertThat(second.changes).allMatch(change -> change.merged().isEmpty());
            assertThat(third.changes).allMatch(change -> change.merged().isEmpty());
        }
    }

    @Test
    void the_coordinator_that_is_paused_is_told_as_gone_and_then_as_merged_on_all_sides()
            throws Exception {
        Three nodes = startThree(Node.SILENCE);
        Jvm first = nodes.first();
        Jvm second = nodes.second();
        Jvm third = nodes.third();
        first.signal("STOP");
        second.await(now(c));
        third.await(now(b));
        first.signal("CONT");

        second.await(Program.line(Set.of(a, c), Set.of(a)));
        third.await(Program.line(Set.of(a, b), Set.of(a)));
        first.await(Program.line(Set.of(b, c), Set.of(b, c)));

        first.say("send " + b);
        second.await("received from " + a);
        second.say("send " + a);
        first.await("received from " + b);
    }

    @Test
    void one_opens_no_other_socket_that_listens() throws Exception {
        Jvm first = start(a, Node.SILENCE);
        first.await("started");
        Set<String> inodes = new TreeSet<>();
        try (Stream<Path> files = Files.list(Path.of("/proc/" + first.pid() + "/fd"))) {
            for (Path file : files.toList()) {
                inodes.add(Files.readSymbolicLink(file).toString().replaceAll("\\D", ""));
            }
        }
        List<String> listening = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6", "udp", "udp6")) {
            for (String line : Files.readAllLines(Path.of("/proc/net/" + table))) {
                String[] columns = line.strip().split("\\s+", -1);
                boolean listens = table.startsWith("udp") || columns[3].equals("0A");
                if (listens && inodes.contains(columns[9])) {
                    listening.add(columns[1].replaceAll(".*:", ""));
                }
            }
        }
        String port = "%04X".formatted(HostPort.parse(a).port());
        assertThat(listening).containsExactly(port);
    }

    /// A node that says what it is told, and does what it reads.
    static final class Program extends Node {

        private Program(Duration silence, String address, List<String> seeds) {
            super(withTls(JGroupsOptions.at(address).withSeeds(seeds)), silence);
        }

        private static JGroupsOptions withTls(JGroupsOptions options) {
            String keys = System.getProperty("test.keys");
            return keys == null
                    ? options
                    : options.withTls(
                            Tls.of(Path.of(keys), Path.of(System.getProperty("test.password"))));
        }

        public static void main(String[] arguments) throws Exception {
            List<String> all = List.of(arguments);
            Program node =
                    new Program(
                            Duration.parse(all.getFirst()), all.get(1), all.subList(2, all.size()));
            node.engine.start(node);
            System.out.println("started");
            BufferedReader commands =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                node.engine.send(node.member(line.substring("send ".length())), new byte[1]);
            }
            node.close();
        }

        static String line(Set<String> members, Set<String> merged) {
            return "members " + new TreeSet<>(members) + " merged " + new TreeSet<>(merged);
        }

        @Override
        public void members(Set<Member> members, Set<Member> merged) {
            super.members(members, merged);
            Change change = changes.getLast();
            System.out.println(line(change.members(), change.merged()));
        }

        @Override
        public void received(Member from, byte[] frame) {
            System.out.println("received from " + from);
        }
    }
}
