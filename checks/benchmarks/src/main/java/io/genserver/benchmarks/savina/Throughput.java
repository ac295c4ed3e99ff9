package io.genserver.benchmarks.savina;

import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// One process sends messages, which others count. The result is the sum of their counts.
///
/// @param counters the number of processes that count
/// @param messages the number of messages to each of them
public record Throughput(int counters, int messages) implements Benchmark<Long> {

    private enum Message {
        ADD,
        STOP
    }

    @Override
    public Long expected() {
        return (long) counters * messages;
    }

    @Override
    public Long ours(StartOption... options) {
        List<Pid> all = new ArrayList<>();
        for (int i = 0; i < counters; i++) {
            all.add(GenServer.startLink(Server::new, Processes.self(), options).pid());
        }
        for (int i = 0; i < messages; i++) {
            for (Pid counter : all) {
                GenServer.cast(counter, Message.ADD);
            }
        }
        GenServer.abcast(all, Message.STOP);
        long sum = 0;
        for (int i = 0; i < counters; i++) {
            sum += Processes.receive(Long.class);
        }
        return sum;
    }

    @Override
    public Behavior<Long> pekko(Consumer<Long> done) {
        return Behaviors.setup(context -> {
            List<ActorRef<Message>> all = new ArrayList<>();
            for (int i = 0; i < counters; i++) {
                Actor actor = new Actor(context.getSelf());
                all.add(context.spawnAnonymous(Behaviors.receiveMessage(actor::handle)));
            }
            for (int i = 0; i < messages; i++) {
                for (ActorRef<Message> counter : all) {
                    counter.tell(Message.ADD);
                }
            }
            all.forEach(counter -> counter.tell(Message.STOP));
            return Starter.sum(counters, done);
        });
    }

    private static final class Server implements GenServer<Pid, Server.Count, Object, Message> {

        static final class Count {
            private final Pid starter;
            private long value;

            Count(Pid starter) {
                this.starter = starter;
            }
        }

        @Override
        public Init<Count> init(Pid starter) {
            return Init.ok(new Count(starter));
        }

        @Override
        public CastResult<Count> handleCast(Message message, Count count) {
            if (message == Message.ADD) {
                count.value++;
                return CastResult.noreply(count);
            }
            Processes.send(count.starter, count.value);
            return CastResult.stop(ExitReason.NORMAL, count);
        }
    }

    private static final class Actor {
        private final ActorRef<Long> starter;
        private long value;

        Actor(ActorRef<Long> starter) {
            this.starter = starter;
        }

        Behavior<Message> handle(Message message) {
            if (message == Message.ADD) {
                value++;
                return Behaviors.same();
            }
            starter.tell(value);
            return Behaviors.stopped();
        }
    }
}
