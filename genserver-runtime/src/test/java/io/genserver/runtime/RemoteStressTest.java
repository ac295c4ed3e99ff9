package io.genserver.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Processes of two nodes call, monitor, link and kill each other at random while the connection is
/// lost and made again. In the end every monitor has fired or was removed, every call has an
/// answer, messages were in order, and neither node remembers anything.
class RemoteStressTest {

    private static final int SERVERS = 8;
    private static final int CLIENTS = 6;
    private static final int STEPS = 1_500;
    private static final int CUTS = 12;

    record Next(int client, int number) implements Call<Integer> {}

    /// Knows the last number of each client, and notices one that is out of order.
    final class Counter implements GenServer<Integer, Map<Integer, Integer>, Next, Next> {
        @Override
        public Init<Map<Integer, Integer>> init(Integer nothing) {
            return Init.ok(new HashMap<>());
        }

        @Override
        public CallResult<Map<Integer, Integer>> handleCall(
                Next next, From from, Map<Integer, Integer> last) {
            check(next, last);
            return CallResult.reply(next, next.number(), last);
        }

        @Override
        public CastResult<Map<Integer, Integer>> handleCast(Next next, Map<Integer, Integer> last) {
            check(next, last);
            return CastResult.noreply(last);
        }

        private void check(Next next, Map<Integer, Integer> last) {
            Integer before = last.put(next.client(), next.number());
            if (before != null && before >= next.number()) {
                wrong.add("client " + next.client() + ": " + next.number() + " after " + before);
            }
        }
    }

    private final DirectWire wire = new DirectWire().connect();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final Queue<Pid> all = new ConcurrentLinkedQueue<>();
    private final AtomicReferenceArray<Pid> servers = new AtomicReferenceArray<>(SERVERS);

    private void start(int i) {
        DirectWire.End home = i % 2 == 0 ? wire.a : wire.b;
        Pid pid = home.node.call(() -> GenServer.start(Counter::new, 0).pid());
        all.add(pid);
        servers.set(i, pid);
    }

    /// One client: what it has asked for and what has come.
    private final class Client {
        private final int id;
        private final DirectWire.End home;
        private final Random random;
        private final Map<Ref, Pid> monitors = new HashMap<>();
        private final Set<Pid> links = new HashSet<>();
        private int number;

        Client(int id, long seed) {
            this.id = id;
            this.home = id % 2 == 0 ? wire.a : wire.b;
            this.random = new Random(seed * CLIENTS + id);
        }

        private Pid seen(Pid pid) {
            DirectWire.End other = home == wire.a ? wire.b : wire.a;
            return pid.node().equals(home.node.name())
                    ? pid
                    : home.part.pid(other.part.address(pid));
        }

        void run() {
            Processes.trapExits(true);
            for (int step = 0; step < STEPS; step++) {
                int i = random.nextInt(SERVERS);
                step(i, seen(servers.get(i)));
                drain();
            }
            settle();
        }

        private void step(int i, Pid server) {
            switch (random.nextInt(9)) {
                case 0, 1, 2 -> call(server);
                case 3, 4 -> GenServer.cast(server, new Next(id, ++number));
                case 5 -> monitors.put(Processes.monitor(server), server);
                case 6 -> {
                    Processes.link(server);
                    links.add(server);
                }
                case 7 -> remove(server);
                default -> {
                    if (random.nextInt(8) == 0) {
                        Processes.exit(server, ExitReason.KILL);
                        start(i);
                    }
                }
            }
        }

        private void call(Pid server) {
            int asked = ++number;
            try {
                int answer = GenServer.call(server, new Next(id, asked), Duration.ofSeconds(20));
                if (answer != asked) {
                    wrong.add("answer " + answer + " to " + asked);
                }
            } catch (CallException failed) {
                if (failed.serverReason().equals(ExitReason.TIMEOUT)) {
                    wrong.add("no answer: " + failed.getMessage());
                }
            }
        }

        private void remove(Pid server) {
            if (links.remove(server)) {
                Processes.unlink(server);
            }
            monitors.keySet().stream()
                    .findFirst()
                    .ifPresent(ref -> {
                        if (Processes.demonitorFlush(ref)) {
                            monitors.remove(ref);
                        } else if (monitors.remove(ref) == null) {
                            wrong.add("a monitor that was not known");
                        }
                    });
        }

        private void drain() {
            for (Object message : Processes.flush()) {
                take(message);
            }
        }

        private void take(Object message) {
            switch (message) {
                case Down(Ref ref, var object, var _) -> {
                    Pid monitored = monitors.remove(ref);
                    if (monitored == null || !monitored.equals(object)) {
                        wrong.add("a second or wrong " + message);
                    }
                }
                case Exit(Pid from, var _) -> links.remove(from);
                default -> wrong.add("unexpected " + message);
            }
        }

        /// Ends all servers, and waits until every monitor has fired.
        private void settle() {
            for (int i = 0; i < SERVERS; i++) {
                Pid server = seen(servers.get(i));
                Processes.link(server);
                Processes.unlink(server);
            }
            drain();
            monitors.keySet().forEach(Processes::demonitorFlush);
            drain();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void nothing_is_lost_doubled_or_kept(long seed) throws Exception {
        for (int i = 0; i < SERVERS; i++) {
            start(i);
        }
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Client client = new Client(i, seed);
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            client.home.node.run(() ->
                    Processes.spawn(() -> {
                        try {
                            client.run();
                            end.complete(null);
                        } catch (Throwable thrown) {
                            end.completeExceptionally(thrown);
                        }
                    }));
        }
        Random random = new Random(seed);
        for (int cut = 0; cut < CUTS; cut++) {
            TimeUnit.MILLISECONDS.sleep(random.nextInt(20));
            wire.cut();
            TimeUnit.MILLISECONDS.sleep(random.nextInt(5));
            wire.connect();
        }
        CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
        assertThat(wrong).isEmpty();

        all.forEach(server -> Processes.exit(server, ExitReason.KILL));
        for (DirectWire.End end : List.of(wire.a, wire.b)) {
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(Kept.all(end.part)).isEqualTo(0));
        }
        wire.close();
    }
}
