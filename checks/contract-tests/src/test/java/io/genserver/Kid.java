package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;

import io.genserver.supervisor.ChildSpec;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// A child of a supervisor under test: it tells its watcher of its start and, if it traps exits, of
/// its end.
public record Kid(Object name, Pid watcher, boolean traps) {

    public record Started(Object name, Pid pid) {}

    public record Stopped(Object name, ExitReason reason) {}

    /// A child that does not trap exits, watched by the calling process.
    public static ChildSpec spec(Object name) {
        return ChildSpec.worker(name, new Kid(name, Processes.self(), false)::startLink);
    }

    /// A child that traps exits, watched by the calling process.
    public static ChildSpec trapping(Object name) {
        return ChildSpec.worker(name, new Kid(name, Processes.self(), true)::startLink);
    }

    public Start startLink() {
        return GenServer.startLink(Body::new, this);
    }

    /// Waits until a child of that name says that it has started.
    public static Pid started(Object name) {
        return assertReceive(Started.class, started -> started.name().equals(name)).pid();
    }

    /// Tells a child to end.
    public static void end(Pid kid, ExitReason reason) {
        GenServer.cast(kid, reason);
    }

    /// A child whose first start goes one way, the next another, and so on; the last way stays.
    public static ChildSpec inTurn(Object name, List<Supplier<Start>> ways) {
        AtomicInteger starts = new AtomicInteger();
        return ChildSpec.worker(
                name, () -> ways.get(Math.min(starts.getAndIncrement(), ways.size() - 1)).get());
    }

    /// A start that goes well, watched by the calling process.
    public static Supplier<Start> well(Object name) {
        return new Kid(name, Processes.self(), false)::startLink;
    }

    /// A start that fails.
    public static Supplier<Start> badly(String reason) {
        return () -> new Start.Failed(ExitReason.of(reason));
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
