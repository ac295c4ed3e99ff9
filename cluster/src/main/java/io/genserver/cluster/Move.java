package io.genserver.cluster;

import io.genserver.CallException;
import io.genserver.Down;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.MultiCall;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.RemoteName;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.Sys;
import io.genserver.cluster.Placement.Argument;
import io.genserver.cluster.Placement.Located;
import io.genserver.cluster.Placement.Release;
import io.genserver.cluster.Placement.Released;
import io.genserver.cluster.Placement.Started;
import io.genserver.supervisor.DynamicSupervisor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The work of a process of its own that starts or stops one server of a [Placement], and waits for
/// other nodes or for the server.
final class Move {

    private static final Logger LOG = LoggerFactory.getLogger(DistributedSupervisor.class);

    /// How long a server may take for each of these: suspend, tell its state, stop.
    private static final Duration STOP = Duration.ofSeconds(4);

    /// How long to wait for the answers of other nodes.
    private static final Duration ANSWERS = Duration.ofSeconds(15);

    private Move() {}

    /// Starts a server after all other nodes have stopped theirs.
    ///
    /// @param kept the state that an earlier try has left
    static Started start(Argument given, Object key, Optional<Object> kept) {
        Optional<Object> state = kept;
        try {
            MultiCall<Released> answers = askForRelease(given, key);
            state = state(answers).or(() -> kept);
            return new Started(key, decide(given, key, answers, state), state);
        } catch (Throwable failed) {
            if (!Cluster.isAlive()) { // this node has just left the cluster
                return new Started(key, new Located.TryAgain(), state);
            }
            LOG.error("cannot start the server of {}", key, failed);
            return new Started(key, new Located.Failed(ExitReason.of(failed)), state);
        }
    }

    /// Asks all connected nodes to stop their server of a key. The members of the group would not
    /// be enough, because a node that has just come may not know all of them.
    static MultiCall<Released> askForRelease(Argument given, Object key) {
        List<String> asked = Cluster.nodes();
        return GenServer.multiCall(
                asked.stream().map(node -> ServerRef.name(given.name(), node)).toList(),
                new Release(key, Placement.here(), asked),
                ANSWERS);
    }

    private static Located decide(
            Argument given, Object key, MultiCall<Released> answers, Optional<Object> state) {
        for (Released answer : answers.replies().values()) {
            if (answer instanceof Released.Stays(Pid server)) {
                return new Located.Found(server);
            }
        }
        boolean refused =
                answers.replies().values().stream().anyMatch(Released.Refused.class::isInstance)
                        || answers.failed().entrySet().stream()
                                .anyMatch(failed ->
                                        !isAway(given, failed.getKey(), failed.getValue()));
        if (refused || !Placement.owner(given.name(), key).equals(Placement.here())) {
            return new Located.TryAgain();
        }
        return Cluster.hasQuorum() ? startHere(given, key, state) : new Located.NoQuorum();
    }

    /// Returns whether a node that has not answered cannot have a server of the key: it is not
    /// connected, or it does not run the supervisor and none of its servers is still ending.
    private static boolean isAway(Argument given, ServerRef asked, ExitReason why) {
        if (why instanceof ExitReason.NodeDown) {
            return true;
        }
        try {
            return why.equals(ExitReason.NOPROC)
                    && asked instanceof RemoteName(var _, String node)
                    && GenServer.whereis(ServerRef.name(Placement.children(given.name()), node))
                            .isEmpty();
        } catch (ExitException noAnswer) {
            return false;
        }
    }

    private static Optional<Object> state(MultiCall<Released> answers) {
        return answers.replies().values().stream()
                .flatMap(answer ->
                        answer instanceof Released.Done(Optional<Object> state)
                                ? state.stream()
                                : Optional.empty().stream())
                .findFirst();
    }

    private static Located startHere(Argument given, Object key, Optional<Object> state) {
        Start<?> start;
        try {
            start = DynamicSupervisor.startChild(given.children(), given.specs().apply(key, state));
        } catch (CallException failed) {
            if (failed.serverReason().equals(ExitReason.NOPROC)) {
                return new Located.TryAgain(); // this node is stopping
            }
            throw failed;
        }
        return switch (start) {
            case Start.Ok<?>(Pid server) -> new Located.Found(server);
            case Start.Failed<?>(ExitReason reason) -> new Located.Failed(reason);
            case Start.Ignore<?> _ ->
                    new Located.Failed(ExitReason.of("the server's init returned ignore"));
        };
    }

    /// Stops a server, unless its state cannot cross.
    ///
    /// @param takenOverBy the node that gets its state; null if it is not handed over
    static Released stop(Pid server, @Nullable String takenOverBy) {
        Ref monitor = Processes.monitor(server);
        Optional<Object> state = Optional.empty();
        try {
            if (takenOverBy != null) {
                Sys.suspend(server, STOP); // so that it does nothing after it has told its state
                state = Optional.ofNullable(Sys.getState(server, STOP));
                Cluster.sizeFor(takenOverBy, state);
            }
            GenServer.stop(server, ExitReason.SHUTDOWN, STOP);
        } catch (IllegalArgumentException cannotCross) {
            LOG.error(
                    "{} stays on this node, because its state cannot be handed over to {}",
                    server,
                    takenOverBy,
                    cannotCross);
            Sys.resume(server, STOP);
            return new Released.Stays(server);
        } catch (RuntimeException failed) {
            LOG.warn("{} is killed, because it did not stop for a move", server, failed);
            Processes.exit(server, ExitReason.KILL);
        }
        Processes.receive(message ->
                message instanceof Down(Ref fired, var _, var _) && fired.equals(monitor)
                        ? message
                        : null);
        return new Released.Done(state);
    }
}
