package io.genserver.benchmarks.savina;

import io.genserver.Action;
import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// A tree of processes. Each node starts ten children, each leaf reports its number, and each node
/// reports the sum of its children. This benchmark is not part of the Savina suite, but similar.
public final class Skynet implements Benchmark<Long> {

    private static final int LEAVES = 1_000_000;
    private static final int BRANCHES = 10;

    @Override
    public Long expected() {
        return LEAVES * (LEAVES - 1L) / 2;
    }

    @Override
    public Long ours(StartOption... options) {
        Node.begin(0, LEAVES, Processes.self(), options);
        return Processes.receive(Long.class);
    }

    /// A node or a leaf.
    private static final class Node implements GenServer<Ok, Ok, Object, Object> {
        private final long number;
        private final int leaves;
        private final Pid parent;
        private final StartOption[] options;
        private int missing = BRANCHES;
        private long sum;

        private Node(long number, int leaves, Pid parent, StartOption... options) {
            this.number = number;
            this.leaves = leaves;
            this.parent = parent;
            this.options = options;
        }

        static void begin(long number, int leaves, Pid parent, StartOption... options) {
            GenServer.start(() -> new Node(number, leaves, parent, options), Ok.OK, options).pid();
        }

        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok, Action.continueWith(ok));
        }

        @Override
        public CastResult<Ok> handleContinue(Object begin, Ok ok) {
            if (leaves == 1) {
                return tell(number, ok);
            }
            int part = leaves / BRANCHES;
            for (int i = 0; i < BRANCHES; i++) {
                begin(number + (long) i * part, part, Processes.self(), options);
            }
            return CastResult.noreply(ok);
        }

        @Override
        public CastResult<Ok> handleInfo(Object number, Ok ok) {
            sum += (Long) number;
            return --missing > 0 ? CastResult.noreply(ok) : tell(sum, ok);
        }

        private CastResult<Ok> tell(long number, Ok ok) {
            Processes.send(parent, number);
            return CastResult.stop(ExitReason.NORMAL, ok);
        }
    }

    @Override
    public Behavior<Long> pekko(Consumer<Long> done) {
        return Behaviors.setup(context -> {
            context.spawnAnonymous(branching(0, LEAVES, context.getSelf()));
            return Starter.first(done);
        });
    }

    private static Behavior<Long> branching(long number, int leaves, ActorRef<Long> parent) {
        return Behaviors.setup(context -> {
            if (leaves == 1) {
                parent.tell(number);
                return Behaviors.stopped();
            }
            int part = leaves / BRANCHES;
            for (int i = 0; i < BRANCHES; i++) {
                context.spawnAnonymous(
                        branching(number + (long) i * part, part, context.getSelf()));
            }
            return Starter.sum(BRANCHES, parent::tell);
        });
    }
}
