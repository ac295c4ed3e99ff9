package io.genserver;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.genserver.test.GenServerExtension;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Processes run random operations on each other: start, link, monitor, call, cast, send requests,
/// arm timers, read state, register, kill, stop. At the end the counts must match: every call and
/// every request had one outcome, and no process, thread, name, link or monitor is left.
///
/// `-Dstress.operations=N` sets the number of operations of each of the 16 actors, 10,000 by
/// default. `-Dstress.seed=N` sets the seed.
@ExtendWith(GenServerExtension.class)
class StressTest {

    private static final int ACTORS = 16;
    private static final int SERVERS = 32;
    private static final int OPERATIONS = Integer.getInteger("stress.operations", 10_000);
    private static final long SEED = Long.getLong("stress.seed", System.nanoTime());

    private final AtomicReferenceArray<@Nullable Pid> servers = new AtomicReferenceArray<>(SERVERS);
    private final LongAdder calls = new LongAdder();
    private final LongAdder replies = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private final LongAdder exits = new LongAdder();
    private final LongAdder wrongReplies = new LongAdder();

    /// Replies with what it is sent: at once, later, from another process, or never.
    static final class Echo implements GenServer<Ok, int[], Echo.Say, Echo.Say> {
        record Say(long what, int how) implements Call<Long> {}

        @Override
        public Init<int[]> init(Ok ok) {
            Processes.trapExits(Math.floorMod(Processes.self().hashCode(), 3) == 0);
            return Init.ok(new int[1]);
        }

        @Override
        public CallResult<int[]> handleCall(Say say, From from, int[] state) {
            return switch (say.how()) {
                case 0 -> noreply(state, Action.timeout(Duration.ofMillis(1)));
                case 1 -> {
                    Processes.spawn(() -> GenServer.reply(from.replyTo(say), say.what()));
                    yield noreply(state);
                }
                case 2 -> throw new IllegalStateException("on purpose");
                case 3 -> CallResult.stop(ExitReason.SHUTDOWN, say, say.what(), state);
                case 4 -> CastResult.stop(ExitReason.of("stopped"), state);
                case 5 -> reply(say, say.what(), state, Action.hibernate());
                default -> reply(say, say.what(), state);
            };
        }

        @Override
        public CastResult<int[]> handleCast(Say say, int[] state) {
            return noreply(state, Action.continueWith(say));
        }

        @Override
        public CastResult<int[]> handleContinue(Object say, int[] state) {
            return noreply(state);
        }

        @Override
        public CastResult<int[]> handleInfo(Object message, int[] state) {
            return noreply(state);
        }
    }

    @Test
    void the_account_is_right_in_the_end() throws IOException {
        Pid me = Processes.self();
        Set<Pid> before = Set.copyOf(Processes.list());
        long threadsBefore = virtualThreads();
        List<Ref> monitors = new ArrayList<>();
        for (int i = 0; i < ACTORS; i++) {
            int actor = i;
            monitors.add(Processes.spawnMonitor(() -> act(actor)).ref());
        }
        for (Ref monitor : monitors) {
            Down down = Processes.receive(Match.type(Down.class, end -> end.ref().equals(monitor)));
            assertThat(down.reason()).as("seed " + SEED).isEqualTo(ExitReason.NORMAL);
        }
        // If two actors start a server for the same slot at once, the slot keeps only one of the
        // two. The other is killed here.
        for (Pid pid : Processes.list()) {
            if (!before.contains(pid)) {
                Processes.exit(pid, ExitReason.KILL);
            }
        }

        assertThat(calls.sum()).isPositive();
        assertThat(replies.sum() + timeouts.sum() + exits.sum()).isEqualTo(calls.sum());
        assertThat(replies.sum()).isPositive();
        assertThat(timeouts.sum()).isPositive();
        assertThat(exits.sum()).isPositive();
        assertThat(wrongReplies.sum()).isZero();
        await().atMost(20, TimeUnit.SECONDS)
                .untilAsserted(() -> {
                    List<Pid> left = new ArrayList<>(Processes.list());
                    left.removeAll(before);
                    left.remove(me);
                    assertThat(left).isEmpty();
                });
        await().atMost(20, TimeUnit.SECONDS)
                .untilAsserted(
                        () -> assertThat(virtualThreads()).isLessThanOrEqualTo(threadsBefore));
        assertThat(Processes.registered()).noneMatch(name -> name.startsWith("stress-"));
        assertThat(Processes.info(Processes.self()).orElseThrow().monitors()).isEmpty();
    }

    /// Returns the number of virtual threads, without the workers, which wait for further servers.
    /// Only a thread dump lists them.
    private static long virtualThreads() throws IOException {
        Path dump = Files.createTempDirectory("stress").resolve("threads.json");
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
        try {
            List<String> lines = Files.readAllLines(dump);
            long all = lines.stream().filter(line -> line.contains("\"virtual\": true")).count();
            long workers = lines.stream().filter(line -> line.contains("Worker.run(")).count();
            return all - workers;
        } finally {
            Files.delete(dump);
            Files.delete(dump.getParent());
        }
    }

    private void act(int actor) {
        Processes.trapExits(true);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED + actor);
        for (int i = 0; i < OPERATIONS; i++) {
            int slot = random.nextInt(SERVERS);
            Pid server = servers.get(slot);
            if (server == null || !Processes.isAlive(server)) {
                servers.set(slot, start(random, slot));
            } else {
                operate(server, random, slot);
            }
            if (i % 64 == 0) {
                Processes.flush();
            }
        }
        Processes.info(Processes.self()).orElseThrow().links().forEach(Processes::unlink);
        for (Object message : Processes.flush()) {
            assertThat(message).isInstanceOfAny(Exit.class, Down.class);
        }
    }

    private static @Nullable Pid start(RandomGenerator random, int slot) {
        StartOption[] options =
                random.nextBoolean()
                        ? new StartOption[] {StartOption.name("stress-" + slot)}
                        : new StartOption[0];
        Start<?> start =
                random.nextBoolean()
                        ? GenServer.startLink(Echo::new, Ok.OK, options)
                        : GenServer.start(Echo::new, Ok.OK, options);
        return switch (start) {
            case Start.Ok(Pid pid) -> pid;
            case Start.Failed(ExitReason.AlreadyStarted(Pid pid)) -> pid;
            default -> null; // another actor found it by name and ended it during init
        };
    }

    private void operate(Pid server, RandomGenerator random, int slot) {
        switch (random.nextInt(16)) {
            case 0 -> Processes.exit(server, ExitReason.KILL);
            case 1 -> Processes.exit(server, ExitReason.of("signal"));
            case 2 -> Processes.link(server);
            case 3 -> Processes.unlink(server);
            case 4 -> Processes.monitor(server);
            case 5 -> Processes.demonitorFlush(Processes.monitor(server));
            case 6 -> GenServer.cast(server, new Echo.Say(1, 9));
            case 7 -> {
                Pid other = servers.get(random.nextInt(SERVERS));
                if (other != null) {
                    GenServer.cast(ServerRef.name("stress-" + slot), new Echo.Say(1, 9));
                    Processes.send(other, "hello");
                }
            }
            case 8 -> Processes.sendAfter(server, "tick", Duration.ofMillis(random.nextInt(20)));
            case 9 -> lookInside(server);
            case 10, 11 -> sendRequest(server, random);
            default -> call(server, random);
        }
    }

    private static void lookInside(Pid server) {
        try {
            Sys.getState(server, Duration.ofMillis(50));
        } catch (CallException _) {
            // it has ended or is too busy
        }
        Processes.info(server);
    }

    private void sendRequest(Pid server, RandomGenerator random) {
        Echo.Say say = new Echo.Say(random.nextLong(), random.nextInt(40));
        calls.increment();
        RequestId<Long> request = GenServer.sendRequest(server, say);
        request.waitResponse(Duration.ofMillis(random.nextInt(5)));
        switch (request.receiveResponse(Duration.ofMillis(random.nextInt(50)))) {
            case Response.Reply<Long>(Long answer) -> {
                replies.increment();
                wrongReplies.add(answer == say.what() ? 0 : 1);
            }
            case Response.Failed<Long> _ -> exits.increment();
            case Response.TimedOut<Long> _ -> timeouts.increment();
        }
    }

    private void call(Pid server, RandomGenerator random) {
        Echo.Say say = new Echo.Say(random.nextLong(), random.nextInt(40));
        calls.increment();
        try {
            long answer = GenServer.call(server, say, Duration.ofMillis(5 + random.nextInt(50)));
            replies.increment();
            wrongReplies.add(answer == say.what() ? 0 : 1);
        } catch (CallException failed) {
            if (failed.serverReason().equals(ExitReason.TIMEOUT)) {
                timeouts.increment();
            } else {
                exits.increment();
            }
        }
    }
}
