package io.genserver;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.ProcessRegistry;
import io.genserver.supervisor.Supervisor;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Typed references to servers and agents, and typed replies that come later.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ServerTest {

    /// Counts, and lets callers wait for the next count.
    static final class Counter
            implements GenServer<Integer, Counter.State, Counter.Request, Counter.Add> {

        sealed interface Request {}

        record Value() implements Request, Call<Integer> {}

        record Name() implements Request, Call<String> {}

        record Next() implements Request, Call<Integer> {}

        record Add(int amount) {}

        record State(int count, Deque<ReplyTo<Integer>> waiting) {}

        @Override
        public Init<State> init(Integer first) {
            return Init.ok(new State(first, new ArrayDeque<>()));
        }

        @Override
        public CallResult<State> handleCall(Request request, From from, State state) {
            return switch (request) {
                case Value value -> reply(value, state.count(), state);
                case Name name -> reply(name, "counter", state);
                case Next next -> {
                    state.waiting().add(from.replyTo(next));
                    yield noreply(state);
                }
            };
        }

        @Override
        public CastResult<State> handleCast(Add add, State state) {
            int count = state.count() + add.amount();
            state.waiting().removeIf(caller -> !caller.isAwaited());
            state.waiting().forEach(caller -> GenServer.reply(caller, count));
            return noreply(new State(count, new ArrayDeque<>()));
        }

        static ChildSpec<Counter> childSpec(StartOption... options) {
            return ChildSpec.worker(
                    Counter.class, () -> GenServer.startLink(Counter::new, 1, options));
        }
    }

    /// A class of agents.
    static final class Basket implements Agent<Map<String, Integer>> {
        static Start<Basket> startLink() {
            return Agent.startLink(Basket.class, HashMap::new);
        }
    }

    private final Server<Counter> counter = GenServer.start(Counter::new, 1).server();

    @Test
    void takes_what_its_class_takes() {
        GenServer.cast(counter, new Counter.Add(2));

        int value = GenServer.call(counter, new Counter.Value());
        String name = GenServer.call(counter, new Counter.Name(), Duration.ofSeconds(20));

        assertThat(value).isEqualTo(3);
        assertThat(name).isEqualTo("counter");
        GenServer.stop(counter);
        assertThat(Processes.isAlive(counter.pid())).isFalse();
    }

    @Test
    void is_found_by_name_after_a_restart(TestSupervisor test) {
        Server<Counter> named = Server.named("counter", Counter.class);
        test.startSupervised(Counter.childSpec(StartOption.name(named)));
        Pid before = named.pid();
        GenServer.cast(named, new Counter.Add(5));

        GenServer.stop(before, ExitReason.of("on purpose"));
        Supervisor.countChildren(test.pid()); // answered after the restart

        assertThat(named.pid()).isNotEqualTo(before);
        assertThat(GenServer.call(named, new Counter.Value())).isOne();
    }

    @Test
    void is_found_in_a_registry(TestSupervisor test) {
        ProcessRegistry<String, Object> registry = ProcessRegistry.unique("counters");
        test.startSupervised(registry.childSpec());
        Via via = registry.via("one");
        Server<Counter> one = registry.server("one", Counter.class);
        test.startSupervised(Counter.childSpec(StartOption.name(one)));

        assertThat(GenServer.call(one, new Counter.Value())).isOne();
        assertThat(one).hasToString(via.toString()).isEqualTo(Server.of(via));
    }

    @Test
    void has_no_pid_while_nobody_has_its_name() {
        Server<Counter> nobody = Server.named("nobody");

        assertThatThrownBy(nobody::pid)
                .isInstanceOfSatisfying(
                        ExitException.class,
                        exit -> assertThat(exit.reason()).isEqualTo(ExitReason.NOPROC));
        assertThatThrownBy(() -> GenServer.call(nobody, new Counter.Value()))
                .isInstanceOf(CallException.class);
    }

    @Test
    void is_equal_by_what_it_refers_to() {
        assertThat(counter)
                .isEqualTo(Server.of(counter.pid()))
                .hasSameHashCodeAs(Server.of(counter.pid()))
                .isNotEqualTo(Server.named("counter"))
                .hasToString(counter.pid().toString());
    }

    @Test
    void cannot_be_the_name_of_a_start_if_it_is_a_pid() {
        assertThatThrownBy(() -> StartOption.name(counter))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a server's name");
    }

    @Test
    void several_are_asked_at_once() {
        Server<Counter> other = GenServer.start(Counter::new, 7).server();

        GenServer.abcast(List.of(counter, other), new Counter.Add(1));
        MultiCall<Integer> values =
                GenServer.multiCall(
                        List.of(counter, other), new Counter.Value(), Duration.ofSeconds(20));

        assertThat(values.replies().values()).containsExactlyInAnyOrder(2, 8);
        assertThat(
                        GenServer.sendRequest(other, new Counter.Value())
                                .receiveResponse(GenServer.INFINITY))
                .isEqualTo(new Response.Reply<>(8));
    }

    @Test
    void a_child_keeps_the_type_of_its_specification(TestSupervisor test) {
        Server<DynamicSupervisor> supervisor =
                test.startSupervised(
                        DynamicSupervisor.childSpec("all", DynamicSupervisorFlags.DEFAULT));

        Server<Counter> child =
                DynamicSupervisor.startChild(supervisor, Counter.childSpec()).server();

        assertThat(GenServer.call(child, new Counter.Value())).isOne();
        assertThat(Processes.monitor(child)).isNotNull();
    }

    @Test
    void is_found_by_its_name_or_started_under_it() {
        StartOption name = StartOption.name(Server.named("one of its kind", Counter.class));

        Server<Counter> started = GenServer.start(Counter::new, 5, name).serverOrExisting();
        Server<Counter> found = GenServer.start(Counter::new, 6, name).serverOrExisting();

        assertThat(found).isEqualTo(started);
        assertThat(GenServer.call(found, new Counter.Value())).isEqualTo(5);
        assertThatThrownBy(() -> new Start.Failed<>(ExitReason.of("no")).serverOrExisting())
                .isInstanceOf(StartException.class)
                .hasMessageContaining("no");
        assertThatThrownBy(() -> new Start.Ignore<>().serverOrExisting())
                .isInstanceOf(StartException.class);
    }

    @Test
    void an_agent_knows_the_type_of_its_state() {
        var shopping = Agent.start(HashMap<String, Integer>::new).server();

        Agent.run(shopping, map -> map.put("milk", 1));
        Agent.update(
                shopping, map -> new HashMap<>(Map.of("milk", map.getOrDefault("milk", 0) + 1)));
        Agent.cast(
                shopping, map -> new HashMap<>(Map.of("milk", map.getOrDefault("milk", 0) * 10)));

        int milk = Agent.get(shopping, map -> map.getOrDefault("milk", 0));
        assertThat(milk).isEqualTo(20);
        int size =
                Agent.getAndUpdate(
                        shopping, map -> new Agent.Update<>(map.size(), new HashMap<>()));
        assertThat(size).isOne();
        Agent.stop(shopping);
    }

    @Test
    void a_class_of_agents_names_them_in_reports(TestSupervisor test) {
        Server<Basket> basket = test.startSupervised(Basket::startLink);

        Agent.run(basket, items -> items.put("milk", 1));

        int size = Agent.get(basket, Map::size);
        assertThat(size).isOne();
        assertThat(Processes.info(basket.pid()).orElseThrow().initialCall())
                .contains(Basket.class.getName());
    }

    @Test
    void a_reply_comes_later_to_callers_that_still_wait() {
        RequestId<Integer> gaveUp = GenServer.sendRequest(counter, new Counter.Next());
        RequestId<Integer> waits = GenServer.sendRequest(counter, new Counter.Next());
        GenServer.call(counter, new Counter.Value());
        assertThat(gaveUp.receiveResponse(Duration.ZERO)).isInstanceOf(Response.TimedOut.class);

        GenServer.cast(counter, new Counter.Add(1));

        assertThat(waits.receiveResponse(GenServer.INFINITY)).isEqualTo(new Response.Reply<>(2));
    }

    @Test
    void a_later_reply_needs_the_request_of_its_call() {
        Server<Confused> confused = GenServer.start(Confused::new, Ok.OK).server();

        assertThatThrownBy(() -> GenServer.call(confused, new Counter.Next()))
                .isInstanceOf(CallException.class)
                .hasRootCauseInstanceOf(IllegalArgumentException.class)
                .hasStackTraceContaining("expected the request of this call, Next[], got: Name[]");
    }

    /// Takes the type of the reply from another request.
    static final class Confused implements GenServer<Ok, Ok, Counter.Next, Object> {
        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok);
        }

        @Override
        public CallResult<Ok> handleCall(Counter.Next request, From from, Ok state) {
            GenServer.reply(from.replyTo(new Counter.Name()), "a text for who wants a number");
            return noreply(state);
        }
    }
}
