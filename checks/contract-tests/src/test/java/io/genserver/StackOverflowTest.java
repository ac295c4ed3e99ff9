package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A client whose stack ends somewhere in the runtime leaves every server usable. Where the stack
/// ends depends on what has been compiled, so each recursion is tried several times on a small
/// stack.
@ExtendWith(GenServerExtension.class)
@Timeout(120)
class StackOverflowTest {

    private static final int LEVELS = 400; // more than a step needs

    record Recursion(String name, Consumer<Pid> step) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Recursion> recursions() {
        return Stream.of(
                new Recursion("call", server -> Agent.<Integer, Integer>get(server, s -> s)),
                new Recursion("cast", server -> GenServer.cast(server, "ignored")),
                new Recursion("send", server -> Processes.send(server, "ignored")),
                new Recursion(
                        "timer",
                        server -> Processes.sendAfter(server, "ignored", Duration.ofMillis(1))),
                new Recursion("start", _ -> GenServer.stop(Agent.start(() -> 1).pid())));
    }

    /// A server that takes any message.
    static final class Echo implements GenServer<Ok, Integer, Object, Object> {
        @Override
        public Init<Integer> init(Ok ok) {
            return Init.ok(0);
        }

        @Override
        public CallResult<Integer> handleCall(Object request, From from, Integer count) {
            return CallResult.replyUntyped(request, count);
        }

        @Override
        public CastResult<Integer> handleCast(Object request, Integer count) {
            return CastResult.noreply(count + 1);
        }

        @Override
        public CastResult<Integer> handleInfo(Object message, Integer count) {
            return CastResult.noreply(count + 1);
        }
    }

    @ParameterizedTest
    @MethodSource("recursions")
    void a_clients_stack_that_ends_leaves_every_server_usable(Recursion recursion)
            throws Exception {
        Pid bystander = GenServer.start(Echo::new, Ok.OK).pid();
        for (int i = 0; i < 12; i++) {
            Pid server =
                    recursion.name().equals("call")
                            ? Agent.start(() -> 1).pid()
                            : GenServer.start(Echo::new, Ok.OK).pid();
            onSmallStack(recursion, server);

            assertThat(Outside.run(() -> answers(server)).get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(Outside.run(() -> answers(bystander)).get(20, TimeUnit.SECONDS)).isTrue();
            GenServer.stop(server);
        }
        GenServer.stop(bystander);
    }

    @Test
    void a_callers_stack_that_ends_in_a_turn_does_not_end_the_server() throws Exception {
        Pid server = Agent.start(() -> 1, StartOption.nonBlocking()).pid();
        Recursion calls =
                new Recursion("call", callee -> Agent.<Integer, Integer>get(callee, s -> s));

        for (int i = 0; i < 12; i++) {
            onSmallStack(calls, server);

            assertThat(Processes.isAlive(server)).isTrue();
            assertThat(Agent.<Integer, Integer>get(server, s -> s)).isEqualTo(1);
        }
        GenServer.stop(server);
    }

    @Test
    void a_killers_stack_that_ends_leaves_every_monitor_told() throws Exception {
        for (int i = 0; i < 4; i++) {
            List<Pid> victims = new ArrayList<>();
            for (int n = 0; n < 2_000; n++) {
                Pid victim = Agent.start(() -> 1).pid();
                Processes.monitor(victim);
                victims.add(victim);
            }
            Iterator<Pid> next = victims.iterator();
            Recursion kills =
                    new Recursion("kill", _ -> Processes.exit(next.next(), ExitReason.KILL));

            onSmallStack(kills, victims.getFirst());

            List<Pid> dead = victims.stream().filter(pid -> !Processes.isAlive(pid)).toList();
            assertThat(dead).isNotEmpty();
            List<Pid> told = new ArrayList<>();
            for (Pid _ : dead) {
                told.add((Pid) assertReceive(Down.class).object());
            }
            assertThat(told).containsExactlyInAnyOrderElementsOf(dead);
            assertThat(Processes.list()).doesNotContainAnyElementsOf(dead);
            victims.removeAll(dead);
            victims.forEach(GenServer::stop);
            Processes.flush();
        }
    }

    /// Takes the step at every depth near the end of a thread's stack, to its end.
    private static void onSmallStack(Recursion recursion, Pid server) throws Exception {
        List<Throwable> ends = new ArrayList<>();
        CompletableFuture.runAsync(
                        () -> descend(recursion, server, ends),
                        task -> new Thread(null, task, "deep", 256 * 1024).start())
                .get(30, TimeUnit.SECONDS);
        assertThat(ends).hasSize(1);
    }

    /// Goes to the end of the stack and up again for some levels, and down from there with the
    /// steps. Returns how many levels it has gone up.
    @SuppressWarnings("InfiniteRecursion") // it must end the stack
    private static int descend(Recursion recursion, Pid server, List<Throwable> ends) {
        int risen;
        try {
            risen = descend(recursion, server, ends) + 1;
        } catch (StackOverflowError end) {
            risen = 0;
        }
        if (risen == LEVELS) {
            try {
                deeper(recursion, server);
            } catch (Throwable end) {
                ends.add(end);
            }
        }
        return risen;
    }

    private static boolean answers(Pid server) {
        return Sys.getState(server) != null;
    }

    @SuppressWarnings("InfiniteRecursion") // it must end the stack
    private static void deeper(Recursion recursion, Pid server) {
        recursion.step().accept(server);
        deeper(recursion, server);
    }
}
