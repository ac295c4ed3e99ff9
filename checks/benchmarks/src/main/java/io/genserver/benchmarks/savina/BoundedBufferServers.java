package io.genserver.benchmarks.savina;

import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// [BoundedBuffer] with servers.
final class BoundedBufferServers {

    private sealed interface ToManager {}

    private sealed interface ToConsumer {}

    private enum ToProducer {
        PRODUCE
    }

    private record Item(double value, Pid producer) implements ToManager, ToConsumer {}

    private record Available(Pid consumer) implements ToManager {}

    private record Finished() implements ToManager {}

    private record Stop() implements ToConsumer {}

    private BoundedBufferServers() {}

    static Long run(StartOption... options) {
        GenServer.startLink(() -> new Manager(options), Processes.self(), options).pid();
        long sum = 0;
        for (int i = 0; i < BoundedBuffer.CONSUMERS; i++) {
            sum += Processes.receive(Long.class);
        }
        return sum;
    }

    private static final class Manager
            implements GenServer<Pid, Manager.Buffer, Object, ToManager> {

        static final class Buffer {
            private final List<Pid> consumers = new ArrayList<>();
            private final Deque<Pid> freeConsumers = new ArrayDeque<>();
            private final Deque<Pid> waitingProducers = new ArrayDeque<>();
            private final Deque<Item> items = new ArrayDeque<>();
            private int finished;

            private boolean isDone() {
                return finished == BoundedBuffer.PRODUCERS
                        && freeConsumers.size() == BoundedBuffer.CONSUMERS;
            }
        }

        private final StartOption[] options;

        Manager(StartOption... options) {
            this.options = options;
        }

        @Override
        public Init<Buffer> init(Pid starter) {
            Buffer buffer = new Buffer();
            Pid self = Processes.self();
            for (int i = 0; i < BoundedBuffer.CONSUMERS; i++) {
                ConsumerState state = new ConsumerState(self, starter);
                buffer.consumers.add(
                        GenServer.startLink(ConsumerServer::new, state, options).pid());
            }
            buffer.freeConsumers.addAll(buffer.consumers);
            for (int i = 0; i < BoundedBuffer.PRODUCERS; i++) {
                Pid producer = GenServer.startLink(Producer::new, self, options).pid();
                GenServer.cast(producer, ToProducer.PRODUCE);
            }
            return Init.ok(buffer);
        }

        @Override
        public CastResult<Buffer> handleCast(ToManager message, Buffer buffer) {
            switch (message) {
                case Item item -> take(item, buffer);
                case Available(Pid consumer) -> serve(consumer, buffer);
                case Finished() -> buffer.finished++;
            }
            if (buffer.isDone()) {
                GenServer.abcast(buffer.consumers, new Stop());
                return CastResult.stop(ExitReason.NORMAL, buffer);
            }
            return CastResult.noreply(buffer);
        }

        private static void take(Item item, Buffer buffer) {
            if (buffer.freeConsumers.isEmpty()) {
                buffer.items.add(item);
            } else {
                GenServer.cast(buffer.freeConsumers.remove(), item);
            }
            if (buffer.items.size() >= BoundedBuffer.CAPACITY) {
                buffer.waitingProducers.add(item.producer());
            } else {
                GenServer.cast(item.producer(), ToProducer.PRODUCE);
            }
        }

        private static void serve(Pid consumer, Buffer buffer) {
            if (buffer.items.isEmpty()) {
                buffer.freeConsumers.add(consumer);
                return;
            }
            GenServer.cast(consumer, buffer.items.remove());
            if (!buffer.waitingProducers.isEmpty()) {
                GenServer.cast(buffer.waitingProducers.remove(), ToProducer.PRODUCE);
            }
        }
    }

    private record ProducerState(Pid self, Pid manager, BoundedBuffer.Production production) {}

    private static final class Producer
            implements GenServer<Pid, ProducerState, Object, ToProducer> {

        @Override
        public Init<ProducerState> init(Pid manager) {
            return Init.ok(
                    new ProducerState(Processes.self(), manager, new BoundedBuffer.Production()));
        }

        @Override
        public CastResult<ProducerState> handleCast(ToProducer message, ProducerState state) {
            if (state.production().hasNext()) {
                Item item = new Item(state.production().next(), state.self());
                GenServer.cast(state.manager(), item);
                return CastResult.noreply(state);
            }
            GenServer.cast(state.manager(), new Finished());
            return CastResult.stop(ExitReason.NORMAL, state);
        }
    }

    private record ConsumerState(Pid manager, Pid starter, BoundedBuffer.Consumption consumption) {

        ConsumerState(Pid manager, Pid starter) {
            this(manager, starter, new BoundedBuffer.Consumption());
        }
    }

    private static final class ConsumerServer
            implements GenServer<ConsumerState, ConsumerState, Object, ToConsumer> {

        @Override
        public Init<ConsumerState> init(ConsumerState state) {
            return Init.ok(state);
        }

        @Override
        public CastResult<ConsumerState> handleCast(ToConsumer message, ConsumerState state) {
            return switch (message) {
                case Item item -> {
                    state.consumption().take(item.value());
                    GenServer.cast(state.manager(), new Available(Processes.self()));
                    yield CastResult.noreply(state);
                }
                case Stop() -> {
                    Processes.send(state.starter(), state.consumption().sum());
                    yield CastResult.stop(ExitReason.NORMAL, state);
                }
            };
        }
    }
}
