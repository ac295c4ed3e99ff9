package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// A process or a thread that lends its thread to a server gets the thread back as it was.
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class LentThreadTest {

    private static final SupervisorFlags FLAGS = SupervisorFlags.of(Strategy.ONE_FOR_ONE);

    private static Start<?> interrupting() {
        return Agent.startLink(() -> {
            Thread.currentThread().interrupt();
            return 1;
        });
    }

    private static Start<?> sleeping() {
        return Agent.startLink(() -> {
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return 1;
        });
    }

    private static final List<ChildSpec<?>> CHILDREN =
            List.of(
                    ChildSpec.worker("interrupting", LentThreadTest::interrupting),
                    ChildSpec.worker("sleeping", LentThreadTest::sleeping));

    @Test
    void an_init_that_sets_the_interrupt_flag_disturbs_no_sibling_and_no_parent() {
        Start<?> flat = Supervisor.start(CHILDREN, FLAGS);
        Start<?> nested =
                Supervisor.start(
                        List.of(
                                ChildSpec.supervisor(
                                        "sub", () -> Supervisor.startLink(CHILDREN, FLAGS))),
                        FLAGS);

        assertThat(flat).isInstanceOf(Start.Ok.class);
        assertThat(nested).isInstanceOf(Start.Ok.class);
        assertThat(Supervisor.countChildren(flat.pid()).active()).isEqualTo(2);
        Supervisor.stop(flat.pid());
        Supervisor.stop(nested.pid());
    }

    /// A server that leaves traces on its thread in init, in a turn and at its end.
    static final class Hostile implements GenServer<Ok, Ok, Hostile.Again, Object> {
        record Again() implements Call<Boolean> {}

        @SuppressWarnings("ThreadPriorityCheck") // the priority is one of the traces
        private static void leaveTraces() {
            Thread thread = Thread.currentThread();
            thread.interrupt();
            thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
            if (!thread.isVirtual()) {
                thread.setPriority(Thread.MIN_PRIORITY);
            }
        }

        @Override
        public Init<Ok> init(Ok ok) {
            leaveTraces();
            return Init.ok(ok);
        }

        @Override
        public CallResult<Ok> handleCall(Again again, From from, Ok ok) {
            leaveTraces();
            return CallResult.reply(again, true, ok);
        }

        @Override
        public void terminate(ExitReason reason, Ok ok) {
            leaveTraces();
        }
    }

    record Traces(boolean interrupted, ClassLoader loader, int priority) {
        static Traces here() {
            Thread thread = Thread.currentThread();
            return new Traces(
                    thread.isInterrupted(), thread.getContextClassLoader(), thread.getPriority());
        }
    }

    @Test
    void a_process_that_starts_calls_and_stops_servers_has_its_thread_as_it_was() {
        CompletableFuture<List<Traces>> seen = new CompletableFuture<>();

        Processes.spawn(() -> {
            Traces before = Traces.here();
            Pid ordinary = GenServer.start(Hostile::new, Ok.OK).pid();
            Traces afterStart = Traces.here();
            GenServer.stop(ordinary);
            Traces afterStop = Traces.here();
            Pid nonBlocking = GenServer.start(Hostile::new, Ok.OK, StartOption.nonBlocking()).pid();
            GenServer.call(nonBlocking, new Hostile.Again());
            Traces afterCall = Traces.here();
            GenServer.stop(nonBlocking);
            seen.complete(List.of(before, afterStart, afterStop, afterCall, Traces.here()));
        });

        assertThat(seen.join()).hasSize(5).containsOnly(seen.join().getFirst());
    }

    @Test
    void a_users_thread_that_starts_and_stops_a_server_has_it_as_it_was() {
        CompletableFuture<List<Traces>> seen =
                Outside.run(() -> {
                    Traces before = Traces.here();
                    Pid server =
                            GenServer.start(Hostile::new, Ok.OK, StartOption.nonBlocking()).pid();
                    Traces afterStart = Traces.here();
                    GenServer.stop(server);
                    return List.of(before, afterStart, Traces.here());
                });

        assertThat(seen.join()).hasSize(3).containsOnly(seen.join().getFirst());
    }

    @Test
    void no_servers_turn_sees_what_another_one_left_on_the_same_thread() {
        Pid hostile = GenServer.start(Hostile::new, Ok.OK, StartOption.nonBlocking()).pid();
        Pid other = Agent.start(() -> 1, StartOption.nonBlocking()).pid();

        boolean interrupted =
                Outside.run(
                                () -> {
                                    GenServer.call(hostile, new Hostile.Again());
                                    return Agent.<Integer, Boolean>get(
                                            other, _ -> Thread.currentThread().isInterrupted());
                                })
                        .join();

        assertThat(interrupted).isFalse();
    }

    // Interrupts that are meant for the caller

    private static Pid queues() {
        return Agent.start(() -> new LinkedBlockingQueue<String>(), StartOption.nonBlocking())
                .pid();
    }

    private static boolean put(LinkedBlockingQueue<String> queue, CountDownLatch in) {
        in.countDown();
        try {
            while (true) { // put throws when the thread is interrupted, although it never blocks
                queue.put("element");
                if (queue.size() > 1_000) {
                    queue.clear();
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_cancelled_future_does_not_end_the_server_whose_turn_its_thread_runs() throws Exception {
        Pid server = queues();
        Ref monitor = Processes.monitor(server);
        CountDownLatch in = new CountDownLatch(1);
        CompletableFuture<CallException> failure = new CompletableFuture<>();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
            Future<?> future =
                    pool.submit(() -> {
                        failure.complete(
                                catchThrowableOfType(
                                        CallException.class,
                                        () ->
                                                Agent.<LinkedBlockingQueue<String>, Boolean>get(
                                                        server, queue -> put(queue, in))));
                        interrupted.complete(Thread.currentThread().isInterrupted());
                    });
            assertThat(in.await(20, TimeUnit.SECONDS)).isTrue();

            future.cancel(true);

            assertThat(failure.get(20, TimeUnit.SECONDS).serverReason())
                    .isEqualTo(ExitReason.INTERRUPTED);
            assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
        }
        int left =
                Agent.<LinkedBlockingQueue<String>, Integer>get(
                        server,
                        queue -> {
                            queue.clear();
                            return queue.size();
                        });
        assertThat(left).isZero();
        assertThat(Processes.demonitorFlush(monitor)).isTrue();
    }

    @Test
    void an_interrupt_during_a_turn_that_does_not_notice_it_reaches_the_users_thread() {
        Pid server = Agent.start(() -> 1, StartOption.nonBlocking()).pid();
        CompletableFuture<Thread> inTurn = new CompletableFuture<>();
        CompletableFuture<Boolean> interrupted =
                Outside.run(() -> {
                    Agent.<Integer, Boolean>get(
                            server,
                            _ -> {
                                Thread thread = Thread.currentThread();
                                inTurn.complete(thread);
                                while (!thread.isInterrupted()) {
                                    Thread.onSpinWait();
                                }
                                return true;
                            });
                    return Thread.currentThread().isInterrupted();
                });

        inTurn.join().interrupt();

        assertThat(interrupted.join()).isTrue();
    }

    // Requests that a turn has passed over

    @Test
    void a_turn_that_looks_into_its_mailbox_leaves_no_request_lying() throws Exception {
        CountDownLatch in = new CountDownLatch(1);
        CountDownLatch secondWaits = new CountDownLatch(1);
        Pid server = Agent.start(() -> 1, StartOption.nonBlocking()).pid();
        CompletableFuture<Integer> first =
                Outside.run(() ->
                        Agent.<Integer, Integer>get(
                                server,
                                state -> {
                                    in.countDown();
                                    hold(secondWaits);
                                    Ref monitor = Processes.monitor(Processes.spawn(() -> {}));
                                    Processes.receive(Down.class, Duration.ofSeconds(20));
                                    Processes.demonitorFlush(monitor);
                                    return state;
                                }));
        assertThat(in.await(20, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Integer> second =
                Outside.run(() -> Agent.<Integer, Integer>get(server, state -> state + 1));
        await().until(() -> Processes.info(server).orElseThrow().messageQueueLength() == 1);

        secondWaits.countDown();

        assertThat(first.join()).isEqualTo(1);
        assertThat(second.get(4, TimeUnit.SECONDS)).isEqualTo(2); // before its timeout
    }

    @Test
    void a_process_that_is_killed_on_another_node_does_not_disturb_the_turn_it_runs()
            throws Exception {
        CountDownLatch in = new CountDownLatch(1);
        CountDownLatch killed = new CountDownLatch(1);
        CompletableFuture<Boolean> disturbed = new CompletableFuture<>();
        try (Node node = Node.start()) {
            Pid server = node.call(() -> Agent.start(() -> 1, StartOption.nonBlocking()).pid());
            Pid caller =
                    Processes.spawn(() ->
                            node.run(() ->
                                    Agent.<Integer, Boolean>get(
                                            server,
                                            _ -> {
                                                in.countDown();
                                                hold(killed);
                                                return disturbed.complete(
                                                        Thread.currentThread().isInterrupted());
                                            })));
            assertThat(in.await(20, TimeUnit.SECONDS)).isTrue();

            Processes.exit(caller, ExitReason.KILL);
            killed.countDown();

            assertThat(disturbed.get(20, TimeUnit.SECONDS)).isFalse();
            assertThat(Processes.isAlive(server)).isTrue();
        }
    }

    private static void hold(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
