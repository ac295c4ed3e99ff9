package io.genserver.benchmarks.savina;

import io.genserver.Pid;
import io.genserver.Processes;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// A tree: each node creates ten, the leaves tell their numbers, and every node tells the sum. Not
/// of the suite, but of its kind.
public final class Skynet implements Benchmark<Long> {

    private static final int LEAVES = 1_000_000;
    private static final int BRANCHES = 10;

    @Override
    public Long expected() {
        return LEAVES * (LEAVES - 1L) / 2;
    }

    @Override
    public Long ours() {
        Pid self = Processes.self();
        Processes.spawn(() -> node(0, LEAVES, self));
        return Processes.receive(Long.class);
    }

    private static void node(long number, int leaves, Pid parent) {
        if (leaves == 1) {
            Processes.send(parent, number);
            return;
        }
        Pid self = Processes.self();
        int part = leaves / BRANCHES;
        for (int i = 0; i < BRANCHES; i++) {
            long first = number + (long) i * part;
            Processes.spawn(() -> node(first, part, self));
        }
        long sum = 0;
        for (int i = 0; i < BRANCHES; i++) {
            sum += Processes.receive(Long.class);
        }
        Processes.send(parent, sum);
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
