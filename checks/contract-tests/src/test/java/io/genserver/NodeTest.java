package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.genserver.DeadLetter.Reason;
import io.genserver.supervisor.Application;
import io.genserver.supervisor.Applications;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Configuration;
import io.genserver.supervisor.KeyedSupervisor;
import io.genserver.supervisor.ProcessRegistry;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(60)
class NodeTest {

    private final Node one = Node.start();
    private final Node two = Node.start();

    @AfterEach
    void close() {
        one.close();
        two.close();
    }

    private static final SupervisorFlags ONE_FOR_ONE = SupervisorFlags.of(Strategy.ONE_FOR_ONE);

    private static final class AgentOfOne implements CallServer<Integer, AgentOfOne.Value> {

        record Value() implements Call<Integer> {}

        @Override
        public Init<Integer> init() {
            return Init.ok(1);
        }

        @Override
        public CallResult<Integer> handleCall(Value request, From from, Integer one) {
            return CallResult.reply(request, one, one);
        }
    }

    private static Pid agent(Node node, StartOption... options) {
        return node.call(() -> Agent.start(() -> 1, options).pid());
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }

    // Which node an operation acts on

    @Test
    void a_reference_on_a_node_is_looked_up_there_from_everywhere() {
        Server<Agent<Integer>> agent = Server.named("agent");
        agent(one, StartOption.name(agent));

        Agent.update(agent.on(one), value -> value + 1);
        two.run(() -> Agent.update(agent.on(one), value -> value + 1));

        int sum =
                Outside.run(() -> Agent.<Integer, Integer>get(agent.on(one), value -> value))
                        .join();

        assertThat(sum).isEqualTo(3);
        assertThat(GenServer.whereis(agent.on(two))).isEmpty();
        assertThat(agent.on(one)).isEqualTo(agent.on(one)).isNotEqualTo(agent.on(two));
        assertThat(agent.on(one)).hasToString("{via, " + one.name() + ", agent}");
    }

    @Test
    void a_reference_on_a_node_starts_and_releases_the_server_of_a_key() {
        var keyed =
                KeyedSupervisor.of("keyed", (String _) -> new AgentOfOne())
                        .withLimit(1, KeyedSupervisor.AtLimit.PASSIVATE);
        one.run(() -> Supervisor.start(List.of(keyed.childSpec()), ONE_FOR_ONE).pid());

        for (String key : List.of("a", "b", "a")) {
            assertThat(GenServer.call(keyed.server(key).on(one), new AgentOfOne.Value()))
                    .isEqualTo(1);
        }

        assertThat(one.call(keyed::keys)).containsExactly("a");
    }

    @Test
    void a_reference_on_a_closed_node_finds_no_process() {
        Server<Agent<Integer>> agent = Server.named("agent");
        agent(one, StartOption.name(agent));
        Server<Agent<Integer>> onOne = agent.on(one);
        one.close();

        assertThatThrownBy(() -> Agent.get(onOne, value -> value))
                .isInstanceOfSatisfying(
                        CallException.class,
                        failed -> assertThat(failed.serverReason()).isEqualTo(ExitReason.NOPROC));
        assertThat(GenServer.whereis(onOne)).isEmpty();
    }

    @Test
    void a_server_cannot_be_started_under_a_reference_on_a_node() {
        Server<Agent<Integer>> agent = Server.named("agent");

        assertThat(Agent.start(() -> 1, StartOption.name(agent.on(one))))
                .isInstanceOfSatisfying(
                        Start.Failed.class,
                        failed ->
                                assertThat(failed.reason().toString())
                                        .contains("expected a name on the node of the process"));
    }

    @Test
    void a_thread_acts_on_the_default_node_unless_it_is_bound() {
        assertThat(Node.current()).isSameAs(Node.defaultNode());
        assertThat(Outside.run(Node::current).join()).isSameAs(Node.defaultNode());
        assertThat(one.<Node, RuntimeException>call(Node::current)).isSameAs(one);
        assertThat(one.<Node, RuntimeException>call(() -> two.call(Node::current))).isSameAs(two);
        assertThat(Node.current()).isSameAs(Node.defaultNode());
    }

    @Test
    void a_process_acts_on_its_own_node_whatever_thread_started_it() {
        Pid process = agent(one);

        assertThat(Agent.<Integer, Node>get(process, _ -> Node.current())).isSameAs(one);
        assertThat(
                        two.<Node, RuntimeException>call(
                                () -> Agent.<Integer, Node>get(process, _ -> Node.current())))
                .isSameAs(one);
    }

    @Test
    void what_a_process_starts_belongs_to_its_node() {
        Pid starter = agent(one);

        Pid started = Agent.<Integer, Pid>get(starter, _ -> Agent.start(() -> 1).pid());
        Pid spawned =
                Agent.<Integer, Pid>get(
                        starter, _ -> Processes.spawn(() -> Processes.receive(String.class)));

        assertThat(started.node()).isEqualTo(one.name());
        assertThat(spawned.node()).isEqualTo(one.name());
        assertThat(one.<List<Pid>, RuntimeException>call(Processes::list))
                .contains(started, spawned);
    }

    @Test
    void a_process_is_none_while_it_is_bound_to_another_node() {
        Pid self = Processes.self();

        boolean inside = one.call(Processes::isProcess);

        assertThat(inside).isFalse();
        assertThatThrownBy(() -> one.run(Processes::self))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("to be a process, but it is none");
        assertThat(Processes.self()).isEqualTo(self);
    }

    @Test
    void a_bound_thread_can_be_made_a_process_of_the_node() {
        String node =
                one.call(() -> {
                    try (Attachment attached = Processes.attach()) {
                        return attached.pid().node();
                    }
                });

        assertThat(node).isEqualTo(one.name());
    }

    // What two nodes do not share

    @Test
    void names_are_the_nodes_own() {
        Pid first = agent(one, StartOption.name("name"));
        Pid second = agent(two, StartOption.name("name"));

        assertThat(one.<Optional<Pid>, RuntimeException>call(() -> Processes.whereis("name")))
                .contains(first);
        assertThat(two.<Optional<Pid>, RuntimeException>call(() -> Processes.whereis("name")))
                .contains(second);
        assertThat(Processes.whereis("name")).isEmpty();
        assertThat(Processes.registered()).doesNotContain("name");
        assertThat(one.<List<String>, RuntimeException>call(Processes::registered))
                .containsExactly("name");
    }

    @Test
    void a_name_reaches_the_process_of_the_callers_node() {
        agent(one, StartOption.name("name"));
        two.run(() -> Agent.start(() -> 2, StartOption.name("name")));
        ServerRef name = ServerRef.name("name");

        int first = one.call(() -> Agent.<Integer, Integer>get(name, state -> state));
        int second = two.call(() -> Agent.<Integer, Integer>get(name, state -> state));

        assertThat(List.of(first, second)).containsExactly(1, 2);
        assertThatThrownBy(() -> Agent.<Integer, Integer>get(name, state -> state))
                .isInstanceOf(CallException.class);
    }

    @Test
    void processes_are_listed_on_their_node_alone() {
        Pid process = agent(one);

        assertThat(one.<List<Pid>, RuntimeException>call(Processes::list)).containsExactly(process);
        assertThat(two.<List<Pid>, RuntimeException>call(Processes::list)).isEmpty();
        assertThat(Processes.list()).doesNotContain(process);
    }

    @Test
    void registries_are_the_nodes_own() {
        ProcessRegistry<String, Integer> registry = ProcessRegistry.unique("registry");
        one.run(registry::startLink);
        two.run(registry::startLink);

        Pid server =
                one.call(() -> Agent.start(() -> 1, StartOption.name(registry.via("key"))).pid());

        assertThat(
                        one.<Optional<Pid>, RuntimeException>call(
                                () -> GenServer.whereis(registry.via("key"))))
                .contains(server);
        assertThat(
                        two.<Optional<Pid>, RuntimeException>call(
                                () -> GenServer.whereis(registry.via("key"))))
                .isEmpty();
    }

    @Test
    void applications_are_the_nodes_own_and_stop_when_it_closes() {
        List<String> ends = new CopyOnWriteArrayList<>();
        Application application =
                new Application() {
                    @Override
                    public String name() {
                        return "application";
                    }

                    @Override
                    public Start<?> start(Configuration configuration) {
                        return Supervisor.startLink(
                                List.of(Ending.childSpec("child", ends)),
                                SupervisorFlags.of(Strategy.ONE_FOR_ONE));
                    }

                    @Override
                    public void stop() {
                        ends.add("stopped");
                    }
                };
        one.run(() ->
                Applications.ensureAllStarted(application, Configuration.of(Map.of(), Map.of())));

        assertThat(one.<Boolean, RuntimeException>call(() -> Applications.isStarted(application)))
                .isTrue();
        assertThat(two.<Boolean, RuntimeException>call(() -> Applications.isStarted(application)))
                .isFalse();
        assertThat(Applications.isStarted(application)).isFalse();
        one.close();
        assertThat(ends).containsExactly("child shutdown", "stopped");
    }

    @Test
    void a_timer_for_a_via_name_looks_it_up_on_its_node() {
        ProcessRegistry<String, Integer> registry = ProcessRegistry.unique("registry");
        List<Object> received = new CopyOnWriteArrayList<>();
        one.run(() -> {
            registry.startLink();
            GenServer.start(
                    () -> new Listener(received), Ok.OK, StartOption.name(registry.via("key")));
            Processes.sendAfter(registry.via("key"), "message", Duration.ofMillis(1));
        });

        await().until(() -> received.equals(List.of("message")));
    }

    record Listener(List<Object> received) implements GenServer<Ok, Ok, Object, Object> {
        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok);
        }

        @Override
        public CastResult<Ok> handleInfo(Object message, Ok ok) {
            received.add(message);
            return CastResult.noreply(ok);
        }
    }

    @Test
    void dead_letters_are_counted_on_the_senders_node() {
        Pid dead = agent(one);
        GenServer.stop(dead);

        two.run(() -> Processes.send(dead, "message"));

        assertThat(
                        two.<Long, RuntimeException>call(
                                () -> DeadLetters.counts().get(Reason.DEAD_PROCESS)))
                .isEqualTo(1);
        assertThat(
                        one.<Long, RuntimeException>call(
                                () -> DeadLetters.counts().get(Reason.DEAD_PROCESS)))
                .isZero();
    }

    // What works across nodes

    @Test
    void a_pid_works_on_every_node() {
        Pid process = agent(one);

        int state = two.call(() -> Agent.<Integer, Integer>get(process, s -> s));
        int same = Agent.<Integer, Integer>get(process, s -> s);

        assertThat(List.of(state, same)).containsExactly(1, 1);
    }

    @Test
    void pids_tell_their_node() {
        Pid first = agent(one);
        Pid second = agent(two);

        assertThat(first.node()).isEqualTo(one.name());
        assertThat(Processes.self().node()).isEqualTo("nonode@nohost");
        assertThat(first).isNotEqualTo(second).doesNotHaveToString(second.toString());
        GenServer.stop(first);
        assertThat(first.node()).isEqualTo(one.name());
    }

    @Test
    void links_and_monitors_fire_when_the_other_node_closes() {
        Pid linked = agent(one);
        Pid monitored = agent(one);
        Processes.trapExits(true);
        Processes.link(linked);
        Ref monitor = Processes.monitor(monitored);

        one.close();

        assertThat(assertReceive(Exit.class)).isEqualTo(new Exit(linked, ExitReason.SHUTDOWN));
        assertThat(assertReceive(Down.class))
                .isEqualTo(new Down(monitor, monitored, ExitReason.SHUTDOWN));
    }

    @Test
    void processes_of_two_nodes_with_the_same_number_are_linked_without_a_deadlock()
            throws Exception {
        List<Pid> firsts = new ArrayList<>();
        List<Pid> seconds = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            firsts.add(agent(one));
            seconds.add(agent(two));
        }
        CountDownLatch done = new CountDownLatch(2);

        for (List<Pid> pids : List.of(firsts, seconds)) {
            List<Pid> others = pids == firsts ? seconds : firsts;
            Processes.spawn(() -> {
                for (int i = 0; i < 100; i++) {
                    Pid other = others.get(i);
                    Agent.<Integer, Integer>get(
                            pids.get(i),
                            state -> {
                                Processes.link(other);
                                return state;
                            });
                }
                done.countDown();
            });
        }

        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    }

    // Closing

    @Test
    void close_ends_a_supervision_tree_in_its_order() {
        List<String> ends = new CopyOnWriteArrayList<>();
        one.run(() -> {
            List<? extends ChildSpec<?>> children =
                    Stream.of("a", "b", "c").map(name -> Ending.childSpec(name, ends)).toList();
            Supervisor.start(children, SupervisorFlags.of(Strategy.ONE_FOR_ONE));
        });

        one.close();

        assertThat(ends).containsExactly("c shutdown", "b shutdown", "a shutdown");
        assertThat(one.isOpen()).isFalse();
    }

    /// A server that records how it ends.
    record Ending(String name, List<String> ends) implements GenServer<Ok, Ok, Object, Object> {

        static ChildSpec<?> childSpec(String name, List<String> ends) {
            return ChildSpec.worker(
                    name, () -> GenServer.startLink(() -> new Ending(name, ends), Ok.OK));
        }

        @Override
        public Init<Ok> init(Ok ok) {
            Processes.trapExits(true);
            return Init.ok(ok);
        }

        @Override
        public void terminate(ExitReason reason, Ok ok) {
            ends.add(name + " " + reason);
        }
    }

    @Test
    void close_stops_servers_newest_first_and_runs_terminate() {
        List<String> ends = new CopyOnWriteArrayList<>();
        one.run(() -> {
            GenServer.start(() -> new Ending("older", ends), Ok.OK);
            GenServer.start(() -> new Ending("newer", ends), Ok.OK);
        });

        one.close();

        assertThat(ends).containsExactly("newer shutdown", "older shutdown");
    }

    @Test
    void close_kills_what_does_not_end_in_time() {
        Pid stubborn =
                one.call(() ->
                        Processes.spawn(() -> {
                            Processes.trapExits(true);
                            while (true) {
                                Processes.receive(Object.class);
                            }
                        }));
        Ref monitor = Processes.monitor(stubborn);
        Processes.info(stubborn); // it may not trap exits yet; it has to end in both cases

        one.close(Duration.ofMillis(50));

        Down down = assertReceive(Down.class);
        assertThat(down.ref()).isEqualTo(monitor);
        assertThat(Processes.isAlive(stubborn)).isFalse();
    }

    @Test
    void close_ends_the_timers_and_the_threads() {
        one.run(() -> {
            Pid process = Agent.start(() -> 1).pid();
            Processes.sendAfter(process, "message", Duration.ofHours(1));
            assertThat(threads()).anyMatch(name -> name.contains(one.name()));
        });

        one.close();

        await().until(() -> threads().stream().noneMatch(name -> name.contains(one.name())));
    }

    @Test
    void nothing_starts_on_a_closed_node() {
        one.close();

        assertThatThrownBy(() -> agent(one))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("expected an open node, got: " + one + ", which is closed");
    }

    @Test
    void a_call_to_a_process_of_a_closed_node_fails_with_noproc() {
        Pid process = agent(one);
        one.close();

        assertThatThrownBy(() -> Agent.<Integer, Integer>get(process, state -> state))
                .isInstanceOfSatisfying(
                        CallException.class,
                        failed -> assertThat(failed.serverReason()).isEqualTo(ExitReason.NOPROC));
    }

    @Test
    void a_timeout_passes_although_the_callers_node_was_closed() throws Exception {
        Pid silent = GenServer.start(Silent::new, Ok.OK).pid();
        CountDownLatch calls = new CountDownLatch(1);
        CompletableFuture<CallException> failure =
                Outside.run(() ->
                        one.call(() -> {
                            calls.countDown();
                            return catchThrowableOfType(
                                    CallException.class,
                                    () ->
                                            GenServer.callUntyped(
                                                    silent, "x", Duration.ofMillis(300)));
                        }));
        assertThat(calls.await(20, TimeUnit.SECONDS)).isTrue();

        one.close();

        assertThat(failure.get(20, TimeUnit.SECONDS).serverReason()).isEqualTo(ExitReason.TIMEOUT);
        GenServer.stop(silent);
    }

    /// Never answers.
    static final class Silent implements GenServer<Ok, Ok, Object, Object> {
        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok);
        }

        @Override
        public CallResult<Ok> handleCall(Object request, From from, Ok ok) {
            return CastResult.noreply(ok);
        }
    }

    @Test
    void close_is_refused_to_a_process_of_the_node_and_for_the_default_node() {
        Pid process = agent(one);

        String refused =
                Agent.<Integer, String>get(
                        process,
                        _ -> {
                            try {
                                one.close();
                                return "closed";
                            } catch (IllegalStateException e) {
                                return String.valueOf(e.getMessage());
                            }
                        });

        assertThat(refused).contains("to be closed by a thread that is none of its processes");
        assertThatThrownBy(() -> Node.defaultNode().close())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected a node that was started with Node.start");
        assertThat(one.isOpen()).isTrue();
    }

    @Test
    void a_name_is_free_again_after_the_node_was_closed() {
        Node first = Node.start("twice");
        Pid old = agent(first);
        assertThatThrownBy(() -> Node.start("twice"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a name that no open node has, got: \"twice\"");
        first.close();

        Node second = Node.start("twice");
        Pid young = agent(second);
        second.close();

        assertThat(young.incarnation()).isGreaterThan(old.incarnation());
    }
}
