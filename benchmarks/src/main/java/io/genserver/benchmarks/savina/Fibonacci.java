package io.genserver.benchmarks.savina;

import io.genserver.Pid;
import io.genserver.Processes;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// Each creates two for the two smaller numbers, down to one. Comes to the number asked for.
public final class Fibonacci implements Benchmark<Integer> {

    private static final int N = 25;

    @Override
    public Integer expected() {
        int last = 0;
        int number = 1;
        for (int i = 1; i < N; i++) {
            int next = last + number;
            last = number;
            number = next;
        }
        return number;
    }

    @Override
    public Integer ours() {
        Pid self = Processes.self();
        Processes.spawn(() -> compute(N, self));
        return Processes.receive(Integer.class);
    }

    private static void compute(int n, Pid parent) {
        if (n <= 2) {
            Processes.send(parent, 1);
            return;
        }
        Pid self = Processes.self();
        Processes.spawn(() -> compute(n - 1, self));
        Processes.spawn(() -> compute(n - 2, self));
        int sum = Processes.receive(Integer.class) + Processes.receive(Integer.class);
        Processes.send(parent, sum);
    }

    @Override
    public Behavior<Integer> pekko(Consumer<Integer> done) {
        return Behaviors.setup(context -> {
            context.spawnAnonymous(computing(N, context.getSelf()));
            return Starter.first(done);
        });
    }

    private static Behavior<Integer> computing(int n, ActorRef<Integer> parent) {
        return Behaviors.setup(context -> {
            if (n <= 2) {
                parent.tell(1);
                return Behaviors.stopped();
            }
            ActorRef<Integer> self = context.getSelf();
            context.spawnAnonymous(computing(n - 1, self));
            context.spawnAnonymous(computing(n - 2, self));
            return Behaviors.receiveMessage(first ->
                    Behaviors.receiveMessage(second -> {
                        parent.tell(first + second);
                        return Behaviors.stopped();
                    }));
        });
    }
}
