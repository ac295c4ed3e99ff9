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

/// Each process starts two others for the two preceding Fibonacci numbers, down to the first two.
/// The result is the number asked for.
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
    public Integer ours(StartOption... options) {
        Term.begin(N, Processes.self(), options);
        return Processes.receive(Integer.class);
    }

    /// Computes one Fibonacci number.
    private static final class Term implements GenServer<Ok, Ok, Object, Object> {
        private final int n;
        private final Pid parent;
        private final StartOption[] options;
        private int missing = 2;
        private int sum;

        private Term(int n, Pid parent, StartOption... options) {
            this.n = n;
            this.parent = parent;
            this.options = options;
        }

        static void begin(int n, Pid parent, StartOption... options) {
            GenServer.start(() -> new Term(n, parent, options), Ok.OK, options).pid();
        }

        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok, Action.continueWith(ok));
        }

        @Override
        public CastResult<Ok> handleContinue(Object begin, Ok ok) {
            if (n <= 2) {
                return tell(1, ok);
            }
            begin(n - 1, Processes.self(), options);
            begin(n - 2, Processes.self(), options);
            return CastResult.noreply(ok);
        }

        @Override
        public CastResult<Ok> handleInfo(Object number, Ok ok) {
            sum += (Integer) number;
            return --missing > 0 ? CastResult.noreply(ok) : tell(sum, ok);
        }

        private CastResult<Ok> tell(int number, Ok ok) {
            Processes.send(parent, number);
            return CastResult.stop(ExitReason.NORMAL, ok);
        }
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
