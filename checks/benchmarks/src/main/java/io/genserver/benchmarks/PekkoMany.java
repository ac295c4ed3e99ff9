package io.genserver.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// Pekko typed: many actors.
final class PekkoMany {

    private PekkoMany() {}

    static @Nullable Work work(Operation operation) {
        return switch (operation) {
            case IDLE -> _ -> idle(100_000);
            case MILLION -> _ -> idle(1_000_000);
            case IDLE_CPU -> _ -> idleCpu();
            case ACTIVE_100000 -> PekkoActive::measure;
            default -> null;
        };
    }

    private record Many(int count, CompletableFuture<List<ActorRef<Pekko.ToCounter>>> started) {}

    private record StopAll(
            List<ActorRef<Pekko.ToCounter>> children, CompletableFuture<Boolean> done) {}

    private static Behavior<Object> parent() {
        return Behaviors.setup(context -> {
            CompletableFuture<Boolean> end = new CompletableFuture<>();
            int[] left = new int[1];
            return Behaviors.receive(Object.class)
                    .onMessage(
                            Many.class,
                            many -> {
                                List<ActorRef<Pekko.ToCounter>> children =
                                        new ArrayList<>(many.count());
                                for (int i = 0; i < many.count(); i++) {
                                    children.add(context.spawnAnonymous(Pekko.counter()));
                                }
                                many.started().complete(children);
                                return Behaviors.same();
                            })
                    .onMessage(
                            StopAll.class,
                            stop -> {
                                left[0] = stop.children().size();
                                var _ = end.thenAccept(stop.done()::complete);
                                for (ActorRef<Pekko.ToCounter> child : stop.children()) {
                                    context.watch(child);
                                    context.stop(child);
                                }
                                return Behaviors.same();
                            })
                    .onSignal(
                            Terminated.class,
                            _ -> {
                                if (--left[0] == 0) {
                                    end.complete(true);
                                }
                                return Behaviors.same();
                            })
                    .build();
        });
    }

    private static List<ActorRef<Pekko.ToCounter>> startMany(ActorRef<Object> parent, int count) {
        CompletableFuture<List<ActorRef<Pekko.ToCounter>>> started = new CompletableFuture<>();
        parent.tell(new Many(count, started));
        List<ActorRef<Pekko.ToCounter>> children = started.join();
        Pekko.ask(children.getLast(), Pekko.LONG, false);
        return children;
    }

    private static void stopAll(ActorRef<Object> parent, List<ActorRef<Pekko.ToCounter>> children) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        parent.tell(new StopAll(children, done));
        done.join();
    }

    private static Map<String, Double> idle(int count) throws Exception {
        ActorRef<Object> first = Pekko.World.spawn(parent());
        stopAll(first, startMany(first, 10_000));
        ActorRef<Object> parent = Pekko.World.spawn(parent());
        long before = Work.usedHeap();
        long begin = System.nanoTime();
        List<ActorRef<Pekko.ToCounter>> children = startMany(parent, count);
        double started = System.nanoTime() - begin;
        double bytes = Work.usedHeap() - before;
        for (int i = 0; i < count - 1; i += count / 100) {
            Work.checkCount(1, Pekko.ask(children.get(i), Pekko.LONG, true));
        }
        begin = System.nanoTime();
        stopAll(parent, children);
        double stopped = System.nanoTime() - begin;
        Map<String, Double> measured = new LinkedHashMap<>();
        measured.put("bytes", bytes / count);
        measured.put("start", started / count);
        measured.put("stop", stopped / count);
        return measured;
    }

    private static Map<String, Double> idleCpu() throws Exception {
        ActorRef<Object> parent = Pekko.World.spawn(parent());
        List<ActorRef<Pekko.ToCounter>> children = startMany(parent, IdleCpu.SERVERS);
        return IdleCpu.measure(i -> Pekko.ask(children.get(i), Pekko.LONG, true));
    }
}
