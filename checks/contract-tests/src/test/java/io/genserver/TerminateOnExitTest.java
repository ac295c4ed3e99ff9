package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.ports.FreePorts;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.test.GenServerExtension;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Servers that run terminate when an exit signal ends them.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class TerminateOnExitTest {

    private static final ExitReason BOOM = ExitReason.of("boom");

    record Terminated(ExitReason reason) {}

    record Seen(Object message) {}

    /// What a cast has the server do.
    interface Task {
        void run() throws Exception;
    }

    /// Runs tasks, and tells its watcher what it gets and that it terminates.
    static final class Telling implements GenServer<Pid, Pid, Object, Task> {
        @Override
        public Init<Pid> init(Pid watcher) {
            return Init.ok(watcher);
        }

        @Override
        public CastResult<Pid> handleCast(Task task, Pid watcher) throws Exception {
            task.run();
            return CastResult.noreply(watcher);
        }

        @Override
        public CastResult<Pid> handleInfo(Object message, Pid watcher) {
            Processes.send(watcher, new Seen(message));
            return CastResult.noreply(watcher);
        }

        @Override
        public void terminate(ExitReason reason, Pid watcher) {
            Processes.send(watcher, new Terminated(reason));
        }
    }

    /// Returns a server without a link, which the test monitors.
    private static Pid start(StartOption... options) {
        Pid server = GenServer.start(Telling::new, Processes.self(), options).pid();
        Processes.monitor(server);
        return server;
    }

    private static void cast(Pid server, Task task) {
        GenServer.cast(server, task);
    }

    /// Returns a process that is linked with the server and ends when it gets a message.
    private static Pid linkedWith(Pid server, ExitReason reason) {
        Pid test = Processes.self();
        Pid linked =
                Processes.spawn(() -> {
                    Processes.link(server);
                    Processes.send(test, "linked");
                    Processes.receive();
                    throw Processes.exit(reason);
                });
        assertReceive("linked");
        return linked;
    }

    /// Checks that the server has terminated and then ended.
    private static void assertTerminated(ExitReason reason) {
        assertReceive(new Terminated(reason));
        assertThat(assertReceive(Down.class).reason()).isEqualTo(reason);
    }

    static List<StartOption> modes() {
        return List.of(
                StartOption.hibernateAfter(GenServer.INFINITY), // an ordinary server
                StartOption.hibernateAfter(Duration.ZERO),
                StartOption.nonBlocking(),
                StartOption.ownThread(),
                StartOption.platformThread());
    }

    @ParameterizedTest
    @MethodSource("modes")
    void an_exit_signal_has_it_terminate_whichever_thread_runs_it(StartOption mode) {
        Pid server = start(StartOption.terminateOnExit(), mode);

        Processes.exit(server, ExitReason.SHUTDOWN);

        assertTerminated(ExitReason.SHUTDOWN);
    }

    @Test
    void without_the_option_an_exit_signal_ends_it_at_once() {
        Pid server = start();

        Processes.exit(server, ExitReason.SHUTDOWN);

        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
        refuteReceive(Terminated.class);
    }

    @Test
    void a_kill_ends_it_at_once() {
        Pid server = start(StartOption.terminateOnExit());

        Processes.exit(server, ExitReason.KILL);

        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.KILLED);
        refuteReceive(Terminated.class);
    }

    // The parent

    /// Has a process start the server with a link and then end with a reason.
    private static void parentThatEnds(ExitReason reason, StartOption... options) {
        Pid test = Processes.self();
        Pid parent =
                Processes.spawn(() -> {
                    Pid server = GenServer.startLink(Telling::new, test, options).pid();
                    Processes.send(test, server);
                    Processes.receive();
                    throw Processes.exit(reason);
                });
        Processes.monitor(assertReceive(Pid.class));
        Processes.send(parent, "end");
    }

    @Test
    void the_end_of_its_parent_has_it_terminate_even_a_normal_one() {
        parentThatEnds(ExitReason.NORMAL, StartOption.terminateOnExit());
        assertTerminated(ExitReason.NORMAL);

        parentThatEnds(BOOM, StartOption.terminateOnExit());
        assertTerminated(BOOM);
    }

    @Test
    void the_kill_of_its_parent_has_it_terminate() {
        Pid test = Processes.self();
        Pid parent =
                Processes.spawn(() -> {
                    Processes.send(
                            test,
                            GenServer.startLink(Telling::new, test, StartOption.terminateOnExit())
                                    .pid());
                    Processes.receive();
                });
        Processes.monitor(assertReceive(Pid.class));

        Processes.exit(parent, ExitReason.KILL);

        assertTerminated(ExitReason.KILLED);
    }

    // Other processes

    @Test
    void the_crash_of_a_linked_process_ends_it_with_the_same_reason() {
        Pid server = start(StartOption.terminateOnExit());
        Pid linked = linkedWith(server, BOOM);

        Processes.send(linked, "end");

        assertTerminated(BOOM);
    }

    @Test
    void the_normal_end_of_a_linked_process_does_nothing() {
        Pid server = start(StartOption.terminateOnExit());
        Pid linked = linkedWith(server, ExitReason.NORMAL);
        Processes.monitor(linked);

        Processes.send(linked, "end");

        assertThat(assertReceive(Down.class).object()).isEqualTo(linked);
        Processes.exit(server, ExitReason.NORMAL);
        Processes.send(server, "alive");
        assertThat(assertReceive(Seen.class).message()).isEqualTo("alive");
    }

    @Test
    void a_crash_that_it_has_caused_itself_ends_it_when_its_turn_is_over() {
        Pid test = Processes.self();
        Pid server = start(StartOption.terminateOnExit());
        Pid linked = linkedWith(server, BOOM);

        cast(
                server,
                () -> {
                    Processes.exit(linked, BOOM);
                    Processes.send(test, "still here");
                });

        assertReceive("still here");
        assertTerminated(BOOM);
    }

    @Test
    void a_server_that_traps_exits_gets_messages() {
        Pid server = start(StartOption.terminateOnExit());
        cast(server, () -> Processes.trapExits(true));
        Pid linked = linkedWith(server, BOOM);

        Processes.send(linked, "end");

        assertThat(assertReceive(Seen.class).message()).isEqualTo(new Exit(linked, BOOM));
        assertThat(Processes.isAlive(server)).isTrue();
    }

    @Test
    void it_does_not_count_as_one_that_traps_exits() {
        Pid server = start(StartOption.terminateOnExit());

        assertThat(Processes.info(server).orElseThrow().trapExits()).isFalse();
    }

    // When

    @Test
    void the_signal_waits_behind_the_messages_that_came_before_it() {
        Pid test = Processes.self();
        CountDownLatch go = new CountDownLatch(1);
        Pid server = start(StartOption.terminateOnExit());
        cast(
                server,
                () -> {
                    Processes.send(test, "busy");
                    go.await();
                });
        assertReceive("busy");
        Processes.send(server, "before");
        Processes.exit(server, ExitReason.SHUTDOWN);
        Processes.send(server, "after");

        assertThat(Processes.info(server).orElseThrow().messages())
                .containsExactly("before", new Exit(test, ExitReason.SHUTDOWN), "after");
        go.countDown();

        assertThat(assertReceive(Seen.class).message()).isEqualTo("before");
        assertTerminated(ExitReason.SHUTDOWN);
        refuteReceive(Seen.class);
    }

    @Test
    void a_suspended_server_terminates() {
        Pid server = start(StartOption.terminateOnExit());
        Sys.suspend(server);

        Processes.exit(server, ExitReason.SHUTDOWN);

        assertTerminated(ExitReason.SHUTDOWN);
    }

    /// Tells the watcher that init has begun, and waits.
    record Slow(Pid watcher, CountDownLatch go) implements GenServer<Ok, Ok, Object, Object> {
        @Override
        public Init<Ok> init(Ok ok) throws Exception {
            Processes.send(watcher, Processes.self());
            go.await();
            return Init.ok(ok);
        }

        @Override
        public void terminate(ExitReason reason, Ok ok) {
            Processes.send(watcher, new Terminated(reason));
        }
    }

    @Test
    void a_signal_during_init_waits_until_there_is_a_state() {
        Pid test = Processes.self();
        CountDownLatch go = new CountDownLatch(1);
        Pid starter =
                Processes.spawn(() ->
                        GenServer.startLink(
                                () -> new Slow(test, go), Ok.OK, StartOption.terminateOnExit()));
        Processes.monitor(assertReceive(Pid.class));

        Processes.exit(starter, ExitReason.KILL);
        refuteReceive(Down.class);
        go.countDown();

        assertTerminated(ExitReason.KILLED);
    }

    // What it is for

    /// Listens on a port.
    static final class Port implements GenServer<Integer, ServerSocket, Object, Object> {
        static Start<Port> startLink(int port) {
            return GenServer.startLink(Port::new, port, StartOption.terminateOnExit());
        }

        @Override
        public Init<ServerSocket> init(Integer port) throws IOException {
            return Init.ok(new ServerSocket(port));
        }

        @Override
        public void terminate(ExitReason reason, ServerSocket socket) throws IOException {
            socket.close();
        }
    }

    @Test
    void a_port_is_free_when_the_supervisor_has_stopped() throws IOException {
        int port = FreePorts.next();
        List<ChildSpec<?>> children =
                List.of(ChildSpec.worker(Port.class, () -> Port.startLink(port)));
        SupervisorFlags flags = SupervisorFlags.of(Strategy.ONE_FOR_ONE);

        for (int i = 0; i < 3; i++) {
            Start<Supervisor> started = Supervisor.startLink(children, flags);
            assertThat(started).isInstanceOf(Start.Ok.class);
            Supervisor.stop(started.server());
        }

        new ServerSocket(port).close();
    }
}
