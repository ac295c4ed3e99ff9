package io.genserver.runtime;

import static io.genserver.Processes.self;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.DeadLetters;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.MultiCall;
import io.genserver.Node;
import io.genserver.Pace;
import io.genserver.Pid;
import io.genserver.ProcessBody;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.ReplyTo;
import io.genserver.Response;
import io.genserver.ServerRef;
import io.genserver.StartOption;
import io.genserver.Sys;
import io.genserver.spi.NodeBase;
import io.genserver.spi.distribution.Distribution;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Processes of two nodes that are connected without a network.
class RemoteProcessTest {

    private static final Duration LONG = Duration.ofSeconds(10);

    private final DirectWire wire = new DirectWire().connect();
    private final String nodeB = wire.b.node.name();

    @AfterEach
    void close() {
        wire.close();
    }

    sealed interface Request<R> extends Call<R> {
        record Add(int amount) implements Request<Integer> {}

        record Me() implements Request<Pid> {}

        record Keep() implements Request<Integer> {}

        record IsAwaited() implements Request<Boolean> {}

        record Crash() implements Request<Integer> {}

        record PassOn(Pid to) implements Request<Integer> {}
    }

    record Answer(int reply) {}

    static final class Counter implements GenServer<Integer, Integer, Request<?>, Object> {
        private @Nullable ReplyTo<Integer> kept;

        @Override
        public Init<Integer> init(Integer start) {
            return Init.ok(start);
        }

        @Override
        public CallResult<Integer> handleCall(Request<?> request, From from, Integer state) {
            return switch (request) {
                case Request.Add add ->
                        CallResult.reply(add, state + add.amount(), state + add.amount());
                case Request.Me me -> CallResult.reply(me, from.pid().orElseThrow(), state);
                case Request.Keep keep -> {
                    kept = from.replyTo(keep);
                    yield CastResult.noreply(-1);
                }
                case Request.IsAwaited asked ->
                        CallResult.reply(asked, Objects.requireNonNull(kept).isAwaited(), state);
                case Request.Crash _ -> throw new IllegalStateException("on purpose");
                case Request.PassOn passOn -> {
                    GenServer.cast(passOn.to(), from.replyTo(passOn));
                    yield CastResult.noreply(state);
                }
            };
        }

        @Override
        @SuppressWarnings("unchecked")
        public CastResult<Integer> handleCast(Object request, Integer state) {
            switch (request) {
                case ReplyTo<?> caller -> GenServer.reply((ReplyTo<Integer>) caller, state);
                case Answer(int reply) -> {
                    GenServer.reply(Objects.requireNonNull(kept), reply);
                    return CastResult.noreply(10);
                }
                default -> {}
            }
            return CastResult.noreply(state);
        }
    }

    private Pid counterOnB(StartOption... options) {
        return wire.b.node.call(() -> GenServer.start(Counter::new, 10, options).pid());
    }

    private Pid counterOnA() {
        return wire.a.node.call(() -> GenServer.start(Counter::new, 1).pid());
    }

    private Pid collectorOnB(BlockingQueue<Object> got) {
        return wire.b.node.call(() ->
                Processes.spawn(() -> {
                    while (true) {
                        got.add(Processes.receive());
                    }
                }));
    }

    /// Starts a process that links itself to each process whose pid it gets.
    private Pid linkerOnB(BlockingQueue<Object> got) {
        return wire.b.node.call(() ->
                Processes.spawn(() -> {
                    while (true) {
                        Pid pid = Processes.receive(Pid.class);
                        Processes.link(pid);
                        got.add(pid);
                    }
                }));
    }

    /// Runs something in a process of node a, which ends with what it throws.
    private void spawnOnA(ProcessBody body) {
        wire.a.node.run(() -> Processes.spawn(body));
    }

    private <T> T inProcess(Callable<T> body) {
        CompletableFuture<T> result = new CompletableFuture<>();
        wire.a.node.run(() ->
                Processes.spawn(() -> {
                    try {
                        result.complete(body.call());
                    } catch (Throwable thrown) {
                        result.completeExceptionally(thrown);
                    }
                }));
        return result.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private <R> R call(ServerRef server, Call<R> request) {
        return wire.a.node.call(() -> GenServer.call(server, request, LONG));
    }

    private ExitReason failure(ServerRef server, Call<?> request, Duration timeout) {
        CallException failed =
                catchThrowableOfType(
                        CallException.class,
                        () -> wire.a.node.call(() -> GenServer.call(server, request, timeout)));
        return failed.serverReason();
    }

    // Pids

    @Test
    void a_pid_is_equal_on_every_node_and_comes_home_as_itself() {
        Pid pid = counterOnB();
        Pid remote = wire.seenFromA(pid);

        assertThat(remote).isEqualTo(pid).hasSameHashCodeAs(pid).isEqualTo(wire.seenFromA(pid));
        assertThat(remote.node()).isEqualTo(nodeB);
        assertThat(wire.b.part.pid(wire.a.part.address(remote))).isSameAs(pid);
        assertThat(remote.toString()).doesNotStartWith("#PID<0.");
    }

    @Test
    void a_pid_of_an_earlier_incarnation_is_dead_at_once() {
        Pid old = wire.seenFromA(counterOnB());
        wire.cut();
        wire.restartB();
        wire.connect();

        assertThat(failure(old, new Request.Add(1), LONG)).isEqualTo(ExitReason.NOPROC);
        assertThat(inProcess(() -> monitored(old))).isEqualTo(ExitReason.NOPROC);
    }

    // Calls

    @Test
    void a_call_is_answered() {
        assertThat(call(wire.seenFromA(counterOnB()), new Request.Add(5))).isEqualTo(15);
    }

    @Test
    void a_server_is_called_by_its_name_on_its_node() {
        counterOnB(StartOption.name("counter"));

        assertThat(call(ServerRef.name("counter", nodeB), new Request.Add(1))).isEqualTo(11);
        assertThat(failure(ServerRef.name("nobody", nodeB), new Request.Add(1), LONG))
                .isEqualTo(ExitReason.NOPROC);
    }

    @Test
    void the_server_knows_its_caller() {
        Pid remote = wire.seenFromA(counterOnB());

        assertThat(inProcess(() -> GenServer.call(remote, new Request.Me()).equals(self())))
                .isTrue();
    }

    @Test
    void a_call_that_times_out_fails_and_its_late_reply_is_dropped() {
        Pid server = counterOnB();
        Pid remote = wire.seenFromA(server);

        Object left =
                inProcess(() -> {
                    CallException failed =
                            catchThrowableOfType(
                                    CallException.class,
                                    () ->
                                            GenServer.call(
                                                    remote,
                                                    new Request.Keep(),
                                                    Duration.ofMillis(20)));
                    assertThat(failed.serverReason()).isEqualTo(ExitReason.TIMEOUT);
                    GenServer.cast(remote, new Answer(7));
                    assertThat(GenServer.call(remote, new Request.Add(1))).isEqualTo(11);
                    return Processes.flush();
                });
        assertThat(left).isEqualTo(List.of());
    }

    @Test
    void the_server_sees_that_its_caller_has_given_up() {
        Pid remote = wire.seenFromA(counterOnB());

        failure(remote, new Request.Keep(), Duration.ofMillis(20));
        assertThat(call(remote, new Request.IsAwaited())).isFalse();
    }

    @Test
    void a_call_fails_with_the_reason_of_a_server_that_crashes() {
        Pid remote = wire.seenFromA(counterOnB());

        assertThat(failure(remote, new Request.Crash(), LONG))
                .isInstanceOfSatisfying(
                        ExitReason.Crash.class,
                        crash -> assertThat(crash.thrown()).hasMessage("on purpose"));
        assertThat(failure(remote, new Request.Crash(), LONG)).isEqualTo(ExitReason.NOPROC);
    }

    @Test
    void a_call_to_a_node_that_is_not_connected_fails() {
        Pid remote = wire.seenFromA(counterOnB());
        wire.cut();

        ExitReason nodeDown = new ExitReason.NodeDown(nodeB);
        assertThat(failure(remote, new Request.Add(1), LONG)).isEqualTo(nodeDown);
        assertThat(failure(ServerRef.name("counter", nodeB), new Request.Add(1), LONG))
                .isEqualTo(nodeDown);
    }

    @Test
    void a_call_that_waits_fails_when_the_connection_is_lost() {
        Pid remote = wire.seenFromA(counterOnB());
        CompletableFuture<ExitReason> failed =
                CompletableFuture.supplyAsync(() -> failure(remote, new Request.Keep(), LONG));
        await().until(() -> wire.b.node.call(() -> Sys.getState(remoteToOwn(remote)).equals(-1)));

        wire.cut();

        assertThat(failed.join()).isEqualTo(new ExitReason.NodeDown(nodeB));
    }

    private Pid remoteToOwn(Pid remote) {
        return wire.b.part.pid(wire.a.part.address(remote));
    }

    @Test
    void a_pid_leads_to_its_process_again_after_the_nodes_have_met_again() {
        Pid remote = wire.seenFromA(counterOnB());
        call(remote, new Request.Add(1));
        wire.cut();
        wire.connect();

        assertThat(call(remote, new Request.Add(1))).isEqualTo(12);
    }

    @Test
    void a_reply_comes_from_any_process_of_any_node() {
        Pid remote = wire.seenFromA(counterOnB());
        Pid onA = counterOnA();
        Pid onB = wire.seenFromA(counterOnB());

        assertThat(call(remote, new Request.PassOn(onB))).isEqualTo(10);
        assertThat(call(remote, new Request.PassOn(onA))).isEqualTo(1);
        assertThat(call(onA, new Request.PassOn(remote))).isEqualTo(10);
    }

    @Test
    void futures_and_responses_come_from_other_nodes_too() {
        Pid remote = wire.seenFromA(counterOnB());

        assertThat(
                        wire.a
                                .node
                                .call(() -> GenServer.callAsync(remote, new Request.Add(1), LONG))
                                .join())
                .isEqualTo(11);
        assertThat(
                        inProcess(() ->
                                GenServer.sendRequest(remote, new Request.Add(1))
                                        .receiveResponse(LONG)))
                .isEqualTo(new Response.Reply<>(12));
    }

    @Test
    void a_multi_call_asks_several_nodes() {
        wire.a.node.run(() -> GenServer.start(Counter::new, 1, StartOption.name("c")));
        counterOnB(StartOption.name("c"));
        ServerRef here = ServerRef.name("c", wire.a.node.name());
        ServerRef there = ServerRef.name("c", nodeB);
        ServerRef nowhere = ServerRef.name("c", "x@nowhere");

        MultiCall<Integer> result =
                wire.a.node.call(() ->
                        GenServer.multiCall(
                                List.of(here, there, nowhere), new Request.Add(1), LONG));
        assertThat(result.replies()).containsEntry(here, 2).containsEntry(there, 11).hasSize(2);
        assertThat(result.failed())
                .isEqualTo(Map.of(nowhere, new ExitReason.NodeDown("x@nowhere")));
    }

    @Test
    void stop_and_system_requests_work() {
        Pid server = counterOnB();
        Pid remote = wire.seenFromA(server);

        assertThat(wire.a.node.call(() -> Sys.getState(remote))).isEqualTo(10);
        wire.a.node.run(() -> GenServer.stop(remote, ExitReason.of("enough"), LONG));
        assertThat(Processes.isAlive(server)).isFalse();
    }

    @Test
    void a_node_that_is_lost_while_it_is_asked_has_no_processes() {
        Pid remote = wire.seenFromA(counterOnB(StartOption.name("counter")));
        AtomicInteger lost = wire.b.loseSignals();
        CompletableFuture<Optional<Pid>> pid =
                CompletableFuture.supplyAsync(
                        () ->
                                wire.a.node.call(
                                        () -> GenServer.whereis(ServerRef.name("counter", nodeB))),
                        Thread::startVirtualThread);
        CompletableFuture<Optional<ProcessInfo>> info =
                CompletableFuture.supplyAsync(
                        () -> wire.a.node.call(() -> Processes.info(remote)),
                        Thread::startVirtualThread);
        await().until(() -> lost.get() == 2);

        wire.cut();

        assertThat(pid.join()).isEmpty();
        assertThat(info.join()).isEmpty();
    }

    @Test
    void other_nodes_are_asked_for_names_and_processes() {
        Pid remote = wire.seenFromA(counterOnB(StartOption.name("counter")));

        assertThat(wire.a.node.call(() -> GenServer.whereis(ServerRef.name("counter", nodeB))))
                .contains(remote);
        assertThat(wire.a.node.call(() -> GenServer.whereis(ServerRef.name("nobody", nodeB))))
                .isEmpty();
        assertThat(wire.a.node.call(() -> Processes.info(remote)).orElseThrow().registeredName())
                .contains("counter");
        assertThat(wire.a.node.call(() -> Processes.mailboxLength(remote))).hasValue(0);
        assertThat(
                        wire.a.node.call(
                                () -> Processes.mailboxLength(ServerRef.name("counter", nodeB))))
                .hasValue(0);
        assertThatThrownBy(() -> Processes.isAlive(remote))
                .isInstanceOf(IllegalArgumentException.class);
    }

    // Messages

    @Test
    void messages_and_casts_arrive_in_order() {
        BlockingQueue<Object> got = new LinkedBlockingQueue<>();
        Pid receiver = collectorOnB(got);
        Pid remote = wire.seenFromA(receiver);

        inProcess(() -> {
            for (int i = 0; i < 1_000; i++) {
                Processes.send(remote, i);
            }
            return true;
        });
        await().until(() -> got.size() == 1_000);
        assertThat(List.copyOf(got)).isEqualTo(IntStream.range(0, 1_000).boxed().toList());
    }

    @Test
    void casts_and_messages_to_nobody_are_lost_without_an_error() {
        Pid dead = wire.seenFromA(counterOnB());
        wire.a.node.run(() -> GenServer.stop(dead));

        wire.a.node.run(() -> {
            GenServer.cast(dead, 1);
            GenServer.cast(ServerRef.name("nobody", nodeB), 1);
            GenServer.cast(ServerRef.name("nobody", "x@nowhere"), 1);
            Processes.send(dead, "hello");
            Processes.send(ServerRef.name("nobody", nodeB), "hello");
            Processes.send(ServerRef.name("nobody", "x@nowhere"), "hello");
        });
    }

    @Test
    void a_listener_that_blocks_does_not_stop_what_comes_from_the_other_node() throws Exception {
        Pid dead = wire.seenFromA(counterOnB());
        Pid alive = wire.seenFromA(counterOnB());
        wire.a.node.run(() -> GenServer.stop(dead));
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        wire.b.node.run(() ->
                DeadLetters.listen(letter -> {
                    asked.countDown();
                    try {
                        end.await();
                    } catch (InterruptedException closed) {
                        Thread.currentThread().interrupt();
                    }
                }));

        wire.a.node.run(() -> GenServer.cast(dead, 1));
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(call(alive, new Request.Add(1))).isEqualTo(11);
        end.countDown();
    }

    @Test
    void a_timer_sends_to_another_node() {
        BlockingQueue<Object> got = new LinkedBlockingQueue<>();
        Pid remote = wire.seenFromA(collectorOnB(got));

        wire.a.node.run(() -> Processes.sendAfter(remote, "tick", Duration.ofMillis(1)));
        await().untilAsserted(() -> assertThat(got).containsExactly("tick"));
    }

    @Test
    void a_periodic_timer_ends_with_its_receiver_on_another_node() {
        Pid receiver = counterOnB();
        Pid remote = wire.seenFromA(receiver);
        Ref timer =
                wire.a.node.call(() ->
                        Processes.sendEvery(remote, 1, Duration.ofMillis(5), Pace.FIXED_DELAY));
        wire.settle();

        Processes.exit(receiver, ExitReason.KILL);
        await().until(() -> Processes.readTimer(timer).isEmpty());
    }

    @Test
    void an_alias_that_has_ended_is_not_kept_for_other_nodes() {
        Pid remote = wire.seenFromA(counterOnB());

        int kept =
                inProcess(() -> {
                    for (int i = 0; i < 5_000; i++) {
                        Ref alias = Processes.alias();
                        Processes.send(remote, alias);
                        Processes.unalias(alias);
                    }
                    return Kept.refs(wire.a.part);
                });
        assertThat(kept).isLessThan(4_000);
    }

    @Test
    void a_message_arrives_through_an_alias_until_it_ends() {
        Pid echo =
                wire.seenFromA(
                        wire.b.node.call(() ->
                                Processes.spawn(() -> {
                                    while (true) {
                                        Processes.send(
                                                Processes.receive(Ref.class), "through the alias");
                                    }
                                })));

        inProcess(() -> {
            Ref alias = Processes.alias();
            Processes.send(echo, alias);
            assertThat(Processes.receive()).isEqualTo("through the alias");
            wire.pause(); // the second answer comes after the end of the alias
            Processes.send(echo, alias);
            Processes.unalias(alias);
            wire.resume();
            wire.settle();
            Processes.send(echo, Processes.alias());
            Processes.receive();
            assertThat(Processes.flush()).isEmpty();
            return true;
        });
    }

    // Monitors

    private ExitReason monitored(Pid pid) throws InterruptedException {
        Ref monitor = Processes.monitor(pid);
        Down down = Processes.receive(Down.class);
        assertThat(down.ref()).isEqualTo(monitor);
        assertThat(down.object()).isEqualTo(pid);
        return down.reason();
    }

    @Test
    void a_monitor_tells_the_reason_once() {
        Pid server = counterOnB();
        Pid remote = wire.seenFromA(server);

        inProcess(() -> {
            Ref one = Processes.monitor(remote);
            Ref two = Processes.monitor(remote);
            GenServer.stop(remote, ExitReason.of("enough"), LONG);
            assertThat(List.of(Processes.receive(), Processes.receive()))
                    .containsExactlyInAnyOrder(
                            new Down(one, remote, ExitReason.of("enough")),
                            new Down(two, remote, ExitReason.of("enough")));
            assertThat(monitored(remote)).isEqualTo(ExitReason.NOPROC);
            assertThat(Processes.flush()).isEmpty();
            return true;
        });
    }

    @Test
    void a_monitor_by_name_tells_the_name() {
        Pid server = counterOnB(StartOption.name("counter"));
        ServerRef name = ServerRef.name("counter", nodeB);

        inProcess(() -> {
            Ref ended = Processes.monitor(name);
            Ref removed = Processes.monitor(name);
            Processes.demonitor(removed);
            GenServer.stop(name);
            assertThat(Processes.receive()).isEqualTo(new Down(ended, name, ExitReason.NORMAL));
            Ref none = Processes.monitor(name);
            assertThat(Processes.receive()).isEqualTo(new Down(none, name, ExitReason.NOPROC));
            return true;
        });
        assertThat(Processes.isAlive(server)).isFalse();
    }

    @Test
    void a_removed_monitor_by_name_leaves_nothing_on_the_other_node() {
        Pid server = counterOnB(StartOption.name("counter"));
        ServerRef name = ServerRef.name("counter", nodeB);

        inProcess(() -> {
            for (int i = 0; i < 100; i++) {
                Processes.demonitor(Processes.monitor(name));
            }
            return true;
        });
        wire.settle();

        LocalProcess process = Objects.requireNonNull(((LocalPid) server).process());
        assertThat(process.relationsNow().monitoredBy.list())
                .noneMatch(RemotePeer.NamedWatch.class::isInstance);
    }

    @Test
    void monitors_fire_when_the_connection_is_lost_and_when_there_is_none() {
        Pid remote = wire.seenFromA(counterOnB(StartOption.name("counter")));
        ServerRef name = ServerRef.name("counter", nodeB);

        inProcess(() -> {
            Ref one = Processes.monitor(remote);
            Ref two = Processes.monitor(name);
            wire.cut();
            assertThat(List.of(Processes.receive(), Processes.receive()))
                    .containsExactlyInAnyOrder(
                            new Down(one, remote, ExitReason.NOCONNECTION),
                            new Down(two, name, ExitReason.NOCONNECTION));
            Ref three = Processes.monitor(remote);
            assertThat(Processes.receive())
                    .isEqualTo(new Down(three, remote, ExitReason.NOCONNECTION));
            assertThat(Processes.flush()).isEmpty();
            return true;
        });
    }

    @Test
    void a_future_tells_the_end_of_a_process_of_another_node() {
        Pid remote = wire.seenFromA(counterOnB());
        CompletableFuture<ExitReason> end = wire.a.node.call(() -> Processes.exitOf(remote));

        wire.a.node.run(() -> Processes.exit(remote, ExitReason.KILL));
        assertThat(end.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(ExitReason.KILLED);
    }

    // Links and exit signals

    @Test
    void a_link_ends_the_other_process_both_ways() {
        Pid server = counterOnB();
        Pid remote = wire.seenFromA(server);
        CompletableFuture<ExitReason> end = wire.b.node.call(() -> Processes.exitOf(server));
        spawnOnA(() -> {
            Processes.link(remote);
            assertThat(Processes.info(self()).orElseThrow().links()).containsExactly(remote);
            throw Processes.exit(ExitReason.of("down with you"));
        });
        assertThat(end.orTimeout(20, TimeUnit.SECONDS).join())
                .isEqualTo(ExitReason.of("down with you"));

        Pid other = wire.seenFromA(counterOnB());
        inProcess(() -> {
            Processes.trapExits(true);
            Processes.link(other);
            Processes.exit(other, ExitReason.of("you first"));
            assertThat(Processes.receive()).isEqualTo(new Exit(other, ExitReason.of("you first")));
            return true;
        });
    }

    @Test
    void a_link_to_nobody_is_answered_by_an_exit_signal() {
        Pid dead = wire.seenFromA(counterOnB());
        wire.a.node.run(() -> GenServer.stop(dead));

        inProcess(() -> {
            Processes.trapExits(true);
            Processes.link(dead);
            assertThat(Processes.receive()).isEqualTo(new Exit(dead, ExitReason.NOPROC));
            wire.cut();
            Processes.link(dead);
            assertThat(Processes.receive()).isEqualTo(new Exit(dead, ExitReason.NOCONNECTION));
            return true;
        });
    }

    @Test
    void links_break_when_the_connection_is_lost() {
        Pid server = counterOnB();
        Pid remote = wire.seenFromA(server);
        CompletableFuture<ExitReason> end = wire.b.node.call(() -> Processes.exitOf(server));

        inProcess(() -> {
            Processes.trapExits(true);
            Processes.link(remote);
            wire.settle();
            wire.cut();
            assertThat(Processes.receive()).isEqualTo(new Exit(remote, ExitReason.NOCONNECTION));
            return true;
        });
        assertThat(end.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(ExitReason.NOCONNECTION);
    }

    @Test
    void nothing_arrives_after_an_unlink() {
        Pid server = counterOnB();
        Pid remote = wire.seenFromA(server);

        inProcess(() -> {
            Processes.link(remote);
            Processes.unlink(remote);
            GenServer.stop(remote, ExitReason.of("crash"), LONG);
            return true;
        });
        Pid other = counterOnB();
        Pid otherRemote = wire.seenFromA(other);
        spawnOnA(() -> {
            Processes.link(otherRemote);
            Processes.unlink(otherRemote);
            Processes.link(otherRemote);
            Processes.unlink(otherRemote);
            throw Processes.exit(ExitReason.of("alone"));
        });
        wire.settle();
        assertThat(Processes.isAlive(other)).isTrue();
    }

    @Test
    void a_link_of_a_process_that_is_killed_meanwhile_does_not_stay() throws InterruptedException {
        Pid target =
                wire.b.node.call(() ->
                        Processes.spawn(() -> {
                            Processes.trapExits(true);
                            while (true) {
                                Processes.receive();
                            }
                        }));
        Pid remote = wire.seenFromA(target);
        await().until(() ->
                wire.b.node.call(() -> Processes.info(target)).orElseThrow().trapExits());

        for (int i = 0; i < 400; i++) {
            CountDownLatch linking = new CountDownLatch(1);
            Pid linker =
                    wire.a.node.call(() ->
                            Processes.spawn(() -> {
                                linking.countDown();
                                Processes.link(remote);
                                Processes.receive();
                            }));
            linking.await();
            for (int spin = i % 40 * 20; spin > 0; spin--) {
                Thread.onSpinWait();
            }
            Processes.exit(linker, ExitReason.KILL);
        }
        await().untilAsserted(() ->
                assertThat(wire.b.node.call(() -> Processes.info(target)).orElseThrow().links())
                        .isEmpty());
        Processes.exit(target, ExitReason.KILL); // it ignores the exit signal of its node's end
    }

    @Test
    void an_unlink_of_a_process_that_ends_is_forgotten() {
        Pid target = counterOnB();
        Pid remote = wire.seenFromA(target);
        for (int i = 0; i < 200; i++) {
            spawnOnA(() -> {
                Processes.link(remote);
                Processes.unlink(remote);
            });
        }

        await().until(() -> wire.a.node.call(() -> Processes.list()).isEmpty());
        wire.settle();
        wire.settle();
        RemoteProcess known = (RemoteProcess) ((RemotePid) remote).process();
        assertThat(Kept.unlinks(Objects.requireNonNull(known).watched())).isZero();
    }

    @Test
    void a_call_that_another_node_has_answered_is_forgotten_by_the_node_that_was_asked() {
        Pid gate = wire.seenFromA(counterOnB());
        Pid worker = counterOnA();

        for (int i = 0; i < 20; i++) {
            assertThat(call(gate, new Request.PassOn(worker))).isEqualTo(1);
        }
        wire.settle();
        await().until(() -> Kept.requests(wire.b.part) == 0);
    }

    @Test
    void a_pid_leads_to_its_process_after_its_own_node_has_joined_again() {
        Pid remote = wire.seenFromA(counterOnB());
        wire.cut();
        wire.restartA();
        wire.connect();

        assertThat(call(remote, new Request.Add(1))).isEqualTo(11);
    }

    @Test
    void an_exit_reason_that_cannot_cross_is_replaced_and_all_monitors_fire() {
        Pid server = counterOnB();
        Pid remote = wire.seenFromA(server);
        wire.b.breakOn(ExitReason.of("does not cross"));
        CompletableFuture<ExitReason> local = wire.b.node.call(() -> Processes.exitOf(server));

        inProcess(() -> {
            Ref monitor = Processes.monitor(remote);
            wire.settle();
            wire.b.node.run(() -> Processes.exit(server, ExitReason.of("does not cross")));
            Down down = Processes.receive(Down.class);
            assertThat(down.ref()).isEqualTo(monitor);
            assertThat(down.reason()).isEqualTo(ExitReason.of("a reason that cannot cross"));
            return true;
        });
        assertThat(local.join()).isEqualTo(ExitReason.of("does not cross"));
    }

    @Test
    void a_link_that_crosses_an_unlink_does_not_come_back() {
        BlockingQueue<Object> got = new LinkedBlockingQueue<>();
        Pid other = linkerOnB(got);
        Pid remote = wire.seenFromA(other);

        inProcess(() -> {
            Pid me = self();
            Processes.link(remote);
            wire.settle();
            wire.pause();
            Processes.send(remote, me); // it links itself as well
            await().until(() -> !got.isEmpty());
            Processes.unlink(remote);
            wire.resume();
            wire.settle();
            wire.settle();
            assertThat(Processes.info(me).orElseThrow().links()).isEmpty();
            assertThat(wire.b.node.call(() -> Processes.info(other)).orElseThrow().links())
                    .isEmpty();
            return true;
        });
    }

    @Test
    void an_exit_signal_reaches_another_node() {
        Pid server = counterOnB();
        CompletableFuture<ExitReason> end = wire.b.node.call(() -> Processes.exitOf(server));

        wire.a.node.run(() -> Processes.exit(wire.seenFromA(server), ExitReason.of("go")));
        assertThat(end.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(ExitReason.of("go"));
    }

    // The node

    @Test
    void a_process_that_was_started_before_the_node_joined_is_known_too() {
        try (Node node = Node.start("late-" + nodeB)) {
            Pid early = node.call(() -> Processes.spawn(Processes::receive));
            assertThat(early.incarnation()).isLessThan(1L << 32);
            Distribution part = ((NodeBase) node).distribute("late@host", 1L << 50);

            assertThat(early.node()).isEqualTo("late@host");
            assertThat(early.incarnation()).isEqualTo(1L << 50);
            assertThat(node.name()).isEqualTo("late@host");
            assertThatThrownBy(() -> ((NodeBase) node).distribute("again@host", 1L << 51))
                    .isInstanceOf(IllegalStateException.class);
            part.close();
            assertThat(node.name()).isEqualTo("late-" + nodeB);
        }
    }

    @Test
    void a_pid_of_a_node_outside_the_cluster_cannot_be_sent() {
        Pid outside = Processes.spawn(() -> {});

        assertThatThrownBy(() -> wire.a.part.address(outside))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected a pid of a node in the cluster, got: #PID<0.");
    }
}
