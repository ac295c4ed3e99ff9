package io.genserver.benchmarks.savina;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// [BoundedBuffer] with actors.
final class BoundedBufferActors {

    private sealed interface ToManager {}

    private sealed interface ToConsumer {}

    private enum ToProducer {
        PRODUCE
    }

    private record Item(double value, ActorRef<ToProducer> producer)
            implements ToManager, ToConsumer {}

    private record Available(ActorRef<ToConsumer> consumer) implements ToManager {}

    private record Finished() implements ToManager {}

    private record Stop() implements ToConsumer {}

    private BoundedBufferActors() {}

    static Behavior<Long> starter(Consumer<Long> done) {
        return Behaviors.setup(context -> {
            ActorRef<Long> starter = context.getSelf();
            context.spawnAnonymous(
                    Behaviors.<ToManager>setup(
                            self -> Behaviors.receiveMessage(new Manager(self, starter)::handle)));
            return Starter.sum(BoundedBuffer.CONSUMERS, done);
        });
    }

    private static final class Manager {
        private final List<ActorRef<ToConsumer>> consumers = new ArrayList<>();
        private final Deque<ActorRef<ToConsumer>> freeConsumers = new ArrayDeque<>();
        private final Deque<ActorRef<ToProducer>> waitingProducers = new ArrayDeque<>();
        private final Deque<Item> items = new ArrayDeque<>();
        private int finished;

        Manager(ActorContext<ToManager> context, ActorRef<Long> starter) {
            ActorRef<ToManager> self = context.getSelf();
            for (int i = 0; i < BoundedBuffer.CONSUMERS; i++) {
                consumers.add(
                        context.spawnAnonymous(
                                Behaviors.setup(consumer ->
                                        Behaviors.receiveMessage(
                                                new ConsumerActor(consumer.getSelf(), self, starter)
                                                        ::handle))));
            }
            freeConsumers.addAll(consumers);
            for (int i = 0; i < BoundedBuffer.PRODUCERS; i++) {
                context.<ToProducer>spawnAnonymous(
                                Behaviors.setup(producer ->
                                        Behaviors.receiveMessage(
                                                new Producer(producer.getSelf(), self)::handle)))
                        .tell(ToProducer.PRODUCE);
            }
        }

        Behavior<ToManager> handle(ToManager message) {
            switch (message) {
                case Item item -> take(item);
                case Available(ActorRef<ToConsumer> consumer) -> serve(consumer);
                case Finished() -> finished++;
            }
            if (isDone()) {
                Stop stop = new Stop();
                consumers.forEach(consumer -> consumer.tell(stop));
            }
            // Stopping would stop the consumers, its children, before they report.
            return Behaviors.same();
        }

        private boolean isDone() {
            return finished == BoundedBuffer.PRODUCERS
                    && freeConsumers.size() == BoundedBuffer.CONSUMERS;
        }

        private void take(Item item) {
            if (freeConsumers.isEmpty()) {
                items.add(item);
            } else {
                freeConsumers.remove().tell(item);
            }
            if (items.size() >= BoundedBuffer.CAPACITY) {
                waitingProducers.add(item.producer());
            } else {
                item.producer().tell(ToProducer.PRODUCE);
            }
        }

        private void serve(ActorRef<ToConsumer> consumer) {
            if (items.isEmpty()) {
                freeConsumers.add(consumer);
                return;
            }
            consumer.tell(items.remove());
            if (!waitingProducers.isEmpty()) {
                waitingProducers.remove().tell(ToProducer.PRODUCE);
            }
        }
    }

    private static final class Producer {
        private final ActorRef<ToProducer> self;
        private final ActorRef<ToManager> manager;
        private final BoundedBuffer.Production production = new BoundedBuffer.Production();

        Producer(ActorRef<ToProducer> self, ActorRef<ToManager> manager) {
            this.self = self;
            this.manager = manager;
        }

        Behavior<ToProducer> handle(ToProducer message) {
            if (production.hasNext()) {
                manager.tell(new Item(production.next(), self));
                return Behaviors.same();
            }
            manager.tell(new Finished());
            return Behaviors.stopped();
        }
    }

    private static final class ConsumerActor {
        private final ActorRef<ToConsumer> self;
        private final ActorRef<ToManager> manager;
        private final ActorRef<Long> starter;
        private final BoundedBuffer.Consumption consumption = new BoundedBuffer.Consumption();

        ConsumerActor(
                ActorRef<ToConsumer> self, ActorRef<ToManager> manager, ActorRef<Long> starter) {
            this.self = self;
            this.manager = manager;
            this.starter = starter;
        }

        Behavior<ToConsumer> handle(ToConsumer message) {
            return switch (message) {
                case Item item -> {
                    consumption.take(item.value());
                    manager.tell(new Available(self));
                    yield Behaviors.same();
                }
                case Stop() -> {
                    starter.tell(consumption.sum());
                    yield Behaviors.stopped();
                }
            };
        }
    }
}
