package io.genserver.parity;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.MultiCall;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.StartOption;
import io.genserver.Via;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Shutdown;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ElixirGenServerTest {

    /// A stack that can also leave its caller without a reply, and try to stop itself.
    static final class Pile implements GenServer<List<String>, Deque<String>, Object, Pile.Push> {
        record Pop() implements Call<String> {}

        record Wait() implements Call<String> {}

        record StopYourself() implements Call<ExitReason> {}

        record Push(String element) {}

        static ChildSpec<?> childSpec(List<String> elements) {
            return ChildSpec.worker(Pile.class, () -> GenServer.startLink(Pile::new, elements));
        }

        @Override
        public Init<Deque<String>> init(List<String> elements) {
            return Init.ok(new ArrayDeque<>(elements));
        }

        @Override
        public CallResult<Deque<String>> handleCall(
                Object request, From from, Deque<String> stack) {
            return switch (request) {
                case Pop pop -> reply(pop, stack.pop(), stack);
                case StopYourself stop -> reply(stop, stopOfMyself(), stack);
                default -> noreply(stack);
            };
        }

        private static ExitReason stopOfMyself() {
            return catchThrowableOfType(CallException.class, () -> GenServer.stop(Processes.self()))
                    .serverReason();
        }

        @Override
        public CastResult<Deque<String>> handleCast(Push push, Deque<String> stack) {
            stack.push(push.element());
            return noreply(stack);
        }
    }

    private final KeyRegistry registry = new KeyRegistry();

    private static Pid pile(String... elements) {
        return GenServer.startLink(Pile::new, List.of(elements)).pid();
    }

    private static Pid pile(StartOption option, String... elements) {
        return GenServer.startLink(Pile::new, List.of(elements), option).pid();
    }

    private static CallException failure(Runnable request) {
        return catchThrowableOfType(CallException.class, request::run);
    }

    /// Source: `gen_server_test.exs`, 1 "generates child_spec/1".
    @Test
    void a_child_spec_has_defaults_and_can_be_changed() {
        ChildSpec<?> spec = Pile.childSpec(List.of("hello"));

        assertThat(spec.id()).isEqualTo(Pile.class);
        assertThat(spec.restart()).isEqualTo(Restart.PERMANENT);
        assertThat(spec.shutdown()).isEqualTo(Shutdown.within(Duration.ofSeconds(5)));
        assertThat(spec.type()).isEqualTo(ChildSpec.Type.WORKER);
        ChildSpec<?> changed =
                spec.withId("id").withRestart(Restart.TEMPORARY).withShutdown(Shutdown.infinity());
        assertThat(changed.id()).isEqualTo("id");
        assertThat(changed.restart()).isEqualTo(Restart.TEMPORARY);
        assertThat(changed.shutdown()).isEqualTo(Shutdown.infinity());
        assertThat(changed.start()).isSameAs(spec.start());
    }

    /// Source: `gen_server_test.exs`, 2 "start_link/3".
    @Test
    void a_name_that_is_none_is_refused_and_shown() {
        Pid me = Processes.self();

        assertThatThrownBy(() -> StartOption.name("  "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a name of at least one visible character, got: \"  \"");
        assertThatThrownBy(() -> new StartOption.Named(me))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "expected a server's name to be a local name or a via reference, got: "
                                + me);
    }

    /// Source: `gen_server_test.exs`, 3 "start_link/3 with via".
    @Test
    void a_via_name_reaches_the_server() {
        Via via = ServerRef.via(registry, "pile");
        pile(StartOption.name(via), "hello");

        assertThat(GenServer.call(via, new Pile.Pop())).isEqualTo("hello");
    }

    /// Source: `gen_server_test.exs`, 5 "start_link/3 with local".
    @Test
    void a_local_name_reaches_the_server() {
        pile(StartOption.name("parity local pile"), "hello");

        assertThat(GenServer.call(ServerRef.name("parity local pile"), new Pile.Pop()))
                .isEqualTo("hello");
    }

    /// Source: `gen_server_test.exs`, 6 "start_link/2, call/2 and cast/2".
    @Test
    void a_server_is_linked_called_cast_and_stopped() {
        Pid pile = pile("hello");

        assertThat(Processes.info(Processes.self()).orElseThrow().links()).contains(pile);
        assertThat(GenServer.call(pile, new Pile.Pop())).isEqualTo("hello");
        GenServer.cast(pile, new Pile.Push("world"));
        assertThat(GenServer.call(pile, new Pile.Pop())).isEqualTo("world");
        GenServer.stop(pile);

        assertThat(Processes.isAlive(pile)).isFalse();
        GenServer.cast(pile, new Pile.Push("lost"));
        GenServer.cast(ServerRef.name("parity nobody"), new Pile.Push("lost"));
        GenServer.cast(ServerRef.via(registry, "nobody"), new Pile.Push("lost"));
    }

    /// Source: `gen_server_test.exs`, 7 "call/3 exit messages".
    @Test
    void a_failed_call_is_an_exit_that_says_why() {
        Pid me = Processes.self();
        Processes.register(me, "parity self");
        registry.registerName("self", me);
        Pid pile = pile("hello");
        Pid stopped = pile();
        GenServer.stop(stopped);

        for (ServerRef myself :
                List.of(me, ServerRef.name("parity self"), ServerRef.via(registry, "self"))) {
            assertFails(myself, new Pile.Pop(), Duration.ofSeconds(5), ExitReason.CALLING_SELF);
        }
        assertFails(pile, new Pile.Wait(), Duration.ofMillis(1), ExitReason.TIMEOUT);
        for (ServerRef nobody :
                List.of(
                        stopped,
                        ServerRef.name("parity nobody"),
                        ServerRef.via(registry, "nobody"))) {
            assertFails(nobody, new Pile.Pop(), Duration.ofSeconds(5), ExitReason.NOPROC);
        }
    }

    private static void assertFails(
            ServerRef server, Call<String> request, Duration timeout, ExitReason reason) {
        CallException failure = failure(() -> GenServer.call(server, request, timeout));

        assertThat(failure.serverReason()).isEqualTo(reason);
        assertThat(failure.server()).isEqualTo(server);
        assertThat(failure.request()).isEqualTo(request);
        assertThat(failure.reason())
                .isInstanceOfSatisfying(
                        ExitReason.FailedCall.class,
                        exit -> {
                            assertThat(exit.reason()).isEqualTo(reason);
                            assertThat(exit.request())
                                    .contains(server.toString())
                                    .contains(request.toString());
                        });
    }

    /// Source: `gen_server_test.exs`, 8 "nil name".
    @Test
    void a_server_without_a_name_has_none() {
        assertThat(Processes.info(pile()).orElseThrow().registeredName()).isEmpty();
    }

    /// Source: `gen_server_test.exs`, 9 "start/2".
    @Test
    void start_does_not_link() {
        Pid pile = GenServer.start(Pile::new, List.<String>of()).pid();

        assertThat(Processes.info(Processes.self()).orElseThrow().links()).doesNotContain(pile);
        GenServer.stop(pile);
    }

    /// Source: `gen_server_test.exs`, 10 "abcast/3", with servers in place of nodes.
    @Test
    void a_cast_to_several_skips_those_that_are_not_there() {
        Pid first = pile();
        Pid second = pile();

        GenServer.abcast(
                List.of(first, ServerRef.name("parity nobody"), second), new Pile.Push("hello"));

        assertThat(GenServer.call(first, new Pile.Pop())).isEqualTo("hello");
        assertThat(GenServer.call(second, new Pile.Pop())).isEqualTo("hello");
    }

    /// Source: `gen_server_test.exs`, 11 "multi_call/4", with servers in place of nodes.
    @Test
    void a_call_to_several_gives_the_replies_and_who_gave_none() {
        Pid pile = pile("hello", "world");
        ServerRef nobody = ServerRef.name("parity nobody");
        Duration limit = Duration.ofSeconds(10);

        assertThat(GenServer.multiCall(List.of(pile), new Pile.Pop(), limit))
                .isEqualTo(new MultiCall<>(Map.of(pile, "hello"), Map.of()));
        assertThat(GenServer.multiCall(List.of(pile, nobody), new Pile.Pop(), limit))
                .isEqualTo(
                        new MultiCall<>(Map.of(pile, "world"), Map.of(nobody, ExitReason.NOPROC)));
    }

    /// Source: `gen_server_test.exs`, 12 "whereis/1".
    @Test
    void whereis_finds_the_process_behind_every_reference() {
        Pid named = pile(StartOption.name("parity whereis"));
        Pid keyed = pile(StartOption.name(ServerRef.via(registry, "whereis")));

        assertThat(GenServer.whereis(ServerRef.name("parity whereis"))).contains(named);
        assertThat(GenServer.whereis(named)).contains(named);
        assertThat(GenServer.whereis(ServerRef.name("parity nobody"))).isEmpty();
        assertThat(GenServer.whereis(ServerRef.via(registry, "whereis"))).contains(keyed);
        assertThat(GenServer.whereis(ServerRef.via(registry, "nobody"))).isEmpty();
    }

    /// Source: `gen_server_test.exs`, 13 "stop/3".
    @Test
    void stop_waits_for_the_end_and_fails_if_there_is_nobody_to_stop() {
        Pid pile = GenServer.start(Pile::new, List.<String>of()).pid();
        GenServer.stop(pile, ExitReason.NORMAL);

        assertThat(failure(() -> GenServer.stop(pile)).serverReason()).isEqualTo(ExitReason.NOPROC);
        assertThat(failure(() -> GenServer.stop(ServerRef.name("parity nobody"))).serverReason())
                .isEqualTo(ExitReason.NOPROC);
        assertThat(GenServer.call(pile(), new Pile.StopYourself()))
                .isEqualTo(ExitReason.CALLING_SELF);
        pile(StartOption.name("parity stopped"));
        GenServer.stop(ServerRef.name("parity stopped"), ExitReason.NORMAL);
        assertThat(Processes.whereis("parity stopped")).isEmpty();
    }
}
