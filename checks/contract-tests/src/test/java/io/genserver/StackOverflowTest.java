package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
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
            CompletableFuture.runAsync(
                            () ->
                                    assertThatThrownBy(() -> deeper(recursion, server))
                                            .isInstanceOf(Throwable.class),
                            task -> new Thread(null, task, "deep", 256 * 1024).start())
                    .get(30, TimeUnit.SECONDS);

            assertThat(Outside.run(() -> answers(server)).get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(Outside.run(() -> answers(bystander)).get(20, TimeUnit.SECONDS)).isTrue();
            GenServer.stop(server);
        }
        GenServer.stop(bystander);
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
