package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;

import io.genserver.supervisor.ChildSpec;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// A child of a supervisor under test. It tells its watcher when it starts. If it traps exits, it
/// also tells it when it terminates.
public record Kid(Object name, Pid watcher, boolean traps) {

    public record Started(Object name, Pid pid) {}

    public record Stopped(Object name, ExitReason reason) {}

    /// Returns the specification of a child that does not trap exits. The caller watches it.
    public static ChildSpec<?> spec(Object name) {
        return ChildSpec.worker(name, new Kid(name, Processes.self(), false)::startLink);
    }

    /// Returns the specification of a child that traps exits. The caller watches it.
    public static ChildSpec<?> trapping(Object name) {
        return ChildSpec.worker(name, new Kid(name, Processes.self(), true)::startLink);
    }

    public Start<?> startLink() {
        return GenServer.startLink(Body::new, this);
    }

    /// Waits until a child of this name has started, and returns its pid.
    public static Pid started(Object name) {
        return assertReceive(Started.class, started -> started.name().equals(name)).pid();
    }

    /// Tells a child to stop with a reason.
    public static void end(Pid kid, ExitReason reason) {
        GenServer.cast(kid, reason);
    }

    /// Returns the specification of a child whose starts take the given ways in turn. Later starts
    /// repeat the last way.
    public static ChildSpec<?> inTurn(Object name, List<Supplier<? extends Start<?>>> ways) {
        AtomicInteger starts = new AtomicInteger();
        return ChildSpec.worker(
                name, () -> ways.get(Math.min(starts.getAndIncrement(), ways.size() - 1)).get());
    }

    /// Returns a start that succeeds. The caller watches the child.
    public static Supplier<? extends Start<?>> well(Object name) {
        return new Kid(name, Processes.self(), false)::startLink;
    }

    /// Returns a start that fails with a reason.
    public static Supplier<? extends Start<?>> badly(String reason) {
        return () -> new Start.Failed<>(ExitReason.of(reason));
    }

    private static final class Body implements GenServer<Kid, Kid, Object, ExitReason> {
        @Override
        public Init<Kid> init(Kid kid) {
            Processes.trapExits(kid.traps());
            Processes.send(kid.watcher(), new Started(kid.name(), Processes.self()));
            return Init.ok(kid);
        }

        @Override
        public CastResult<Kid> handleCast(ExitReason reason, Kid kid) {
            return CastResult.stop(reason, kid);
        }

        @Override
        public void terminate(ExitReason reason, Kid kid) {
            if (kid.traps()) {
                Processes.send(kid.watcher(), new Stopped(kid.name(), reason));
            }
        }
    }
}
