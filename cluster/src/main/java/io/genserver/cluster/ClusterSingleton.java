package io.genserver.cluster;

import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.Start;
import io.genserver.supervisor.ChildSpec;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A process that runs once in the whole cluster. Every node has it as a child of a supervisor; on
/// one node it runs, on all others it waits for its turn.
///
/// ```java
/// Supervisor.startLink(
///         List.of(ClusterSingleton.childSpec("mailer", () ->
///                 GenServer.startLink(
///                         Mailer::new, settings, StartOption.name(Global.via("mailer"))))),
///         SupervisorFlags.of(Strategy.ONE_FOR_ONE));
/// ```
///
/// The name in [Global] decides where it runs, so what that promises in a partition holds here,
/// too. If this node is on a side that may not register names, the process is stopped until the
/// nodes have met again.
///
/// If the process ends, its supervisor on that node restarts it, unless another node is faster.
public final class ClusterSingleton {

    private ClusterSingleton() {}

    /// Returns the child specification. Give it to a supervisor on every node that may run the
    /// process.
    ///
    /// @param id the id of the child
    /// @param start starts the process, linked, and under a name of [Global#via]
    /// @return the specification, of a permanent child
    public static ChildSpec<?> childSpec(Object id, Supplier<? extends Start<?>> start) {
        return ChildSpec.worker(id, () -> GenServer.startLink(Server::new, start));
    }

    /// What a node does for the process.
    private static final class State {
        private final Supplier<? extends Start<?>> start;

        /// The process, if it runs on this node.
        private @Nullable Pid running;

        /// The monitor on the process of another node.
        private @Nullable Ref other;

        private State(Supplier<? extends Start<?>> start) {
            this.start = start;
        }
    }

    /// Asks the server to look whether it is its turn.
    private enum Look {
        NOW
    }

    private static final class Server
            implements GenServer<Supplier<? extends Start<?>>, State, Object, Object> {

        /// How long to wait before the next try, because the nodes have to agree first.
        private static final Duration AGAIN = Duration.ofMillis(50);

        /// How long to wait for a majority before the next try.
        private static final Duration LATER = Duration.ofSeconds(1);

        /// How long the process may take to end.
        private static final Duration END = Duration.ofSeconds(5);

        @Override
        public Init<State> init(Supplier<? extends Start<?>> start) {
            Processes.trapExits(true);
            Cluster.monitorNodes(true);
            Processes.send(Processes.self(), Look.NOW);
            return Init.ok(new State(start));
        }

        @Override
        public CastResult<State> handleInfo(Object message, State state) throws Exception {
            switch (message) {
                case Look _, NodeUp _, NodeDown _ -> {
                    return look(state);
                }
                case Down(Ref monitor, var _, var _) when monitor.equals(state.other) -> {
                    state.other = null;
                    Processes.sendAfter(Processes.self(), Look.NOW, AGAIN);
                }
                case Exit(Pid process, ExitReason reason) when process.equals(state.running) -> {
                    state.running = null;
                    return ended(state, reason);
                }
                default -> {
                    return GenServer.super.handleInfo(message, state);
                }
            }
            return CastResult.noreply(state);
        }

        private static CastResult<State> look(State state) {
            if (state.running != null) {
                if (!Cluster.hasQuorum()) {
                    end(state);
                }
            } else if (state.other == null && Cluster.hasQuorum()) {
                return start(state);
            }
            return CastResult.noreply(state);
        }

        private static CastResult<State> start(State state) {
            switch (state.start.get()) {
                case Start.Ok<?>(Pid process) -> state.running = process;
                case Start.Failed<?>(ExitReason.AlreadyStarted(Pid process)) ->
                        state.other = Processes.monitor(process);
                case Start.Failed<?>(ExitReason.Term(Global.NameConflict _)) ->
                        Processes.sendAfter(Processes.self(), Look.NOW, AGAIN);
                case Start.Failed<?>(ExitReason.Standard reason)
                        when reason == ExitReason.Standard.TIMEOUT ->
                        Processes.sendAfter(Processes.self(), Look.NOW, LATER);
                case Start.Failed<?>(ExitReason.Crash(NoQuorumException _)) ->
                        // The node that registers names may not know yet what this one knows.
                        Processes.sendAfter(Processes.self(), Look.NOW, LATER);
                case Start.Failed<?>(ExitReason reason) -> {
                    return CastResult.stop(reason, state);
                }
                case Start.Ignore<?> _ -> {}
            }
            return CastResult.noreply(state);
        }

        private static CastResult<State> ended(State state, ExitReason reason) {
            if (reason instanceof ExitReason.Term(Global.NameConflict _)) {
                return look(state); // another node runs it
            }
            return CastResult.stop(reason, state);
        }

        @Override
        public void terminate(ExitReason reason, State state) {
            end(state);
        }

        private static void end(State state) {
            Pid process = state.running;
            if (process == null) {
                return;
            }
            state.running = null;
            Ref monitor = Processes.monitor(process);
            Processes.unlink(process);
            Processes.exit(process, ExitReason.SHUTDOWN);
            if (awaitEnd(monitor, END)) {
                return;
            }
            Processes.exit(process, ExitReason.KILL);
            awaitEnd(monitor, END);
        }

        private static boolean awaitEnd(Ref monitor, Duration limit) {
            return Processes.receive(
                            message ->
                                    message instanceof Down(Ref fired, var _, var _)
                                                    && fired.equals(monitor)
                                            ? message
                                            : null,
                            limit)
                    .isPresent();
        }
    }
}
