package io.genserver.benchmarks;

import java.util.Map;
import java.util.Queue;
import org.jctools.queues.atomic.unpadded.MpscUnboundedAtomicUnpaddedArrayQueue;
import org.jspecify.annotations.Nullable;

/// A queue alone, with a consumer that never parks. This is the upper bound for casts.
final class RawQueue {

    private static final Object MESSAGE = new Object();

    private RawQueue() {}

    static @Nullable Work work(Operation operation) {
        return switch (operation) {
            case CAST_1X1, SEND -> timing -> throughput(1, timing);
            case CAST_4X1 -> timing -> throughput(4, timing);
            default -> null;
        };
    }

    private static Map<String, Double> throughput(int senders, Work.Timing timing)
            throws Exception {
        Queue<Object> queue = new MpscUnboundedAtomicUnpaddedArrayQueue<>(1024);
        return Work.each(
                100_000,
                timing,
                count -> {
                    Thread[] threads = new Thread[senders];
                    for (int i = 0; i < senders; i++) {
                        threads[i] = Thread.ofPlatform().start(() -> offer(queue, count / senders));
                    }
                    int taken = 0;
                    while (taken < count) {
                        if (queue.poll() == null) {
                            Thread.onSpinWait();
                        } else {
                            taken++;
                        }
                    }
                    for (Thread thread : threads) {
                        thread.join();
                    }
                    Work.check(queue.isEmpty(), "an empty queue", queue.size());
                });
    }

    private static void offer(Queue<Object> queue, int count) {
        for (int i = 0; i < count; i++) {
            queue.add(MESSAGE);
        }
    }
}
