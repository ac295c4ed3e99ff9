package io.genserver.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Measures how long input from outside waits while pairs of processes keep all cores busy. The
/// inputs are the call of a platform thread, a timer, and bytes from a socket on which a process
/// blocks.
///
/// @param waiting creates the counters and processes of the pairs
/// @param nap makes the calling process wait for [#NAP] by a timer
record Outside(Waiting waiting, Work.Body nap) {

    /// The delay of each timer. Units: ns.
    static final long NAP = 1_000_000;

    /// The number of processes that wait for timers.
    static final int NAPPING = 16;

    private static final int CALLERS = 8; // platform threads
    private static final int READERS = 8; // processes
    private static final Duration GRACE = Duration.ofMillis(100); // for a call in progress
    private static final long PAUSE = 1_000_000; // between calls or writes; units: ns
    private static final long SHORT = 50_000; // between two polls; units: ns

    @FunctionalInterface
    interface Caller {
        long increment() throws Exception;
    }

    /// Measures while `pairs` processes keep calling a counter each.
    Work pairs(int pairs) {
        return timing -> {
            LongAdder inside = new LongAdder();
            for (int i = 0; i < pairs; i++) {
                waiting.fork()
                        .accept(() ->
                                Work.orHalt(() -> {
                                    Counter mine = waiting.counters().get();
                                    while (true) { // until the JVM ends
                                        Waiting.calls(mine, 100);
                                        inside.add(100);
                                    }
                                }));
            }
            Map<String, Double> points =
                    new LinkedHashMap<>(
                            calls(timing, () -> waiting.counters().get()::increment, inside));
            points.putAll(timers(timing, this::naps));
            points.putAll(sockets(timing, waiting.fork()));
            return points;
        };
    }

    /// Measures calls from platform threads, which pause after each call. A call that does not end
    /// within the measured time does not count, so there may be few samples or none.
    ///
    /// @param idle creates the callee of a thread
    /// @param inside the number of calls that the busy pairs have made
    static Map<String, Double> calls(Work.Timing timing, Supplier<Caller> idle, LongAdder inside)
            throws InterruptedException {
        sample(new Samples(timing.warmUp(), 0), idle);
        long before = inside.sum();
        long start = System.nanoTime();
        Samples samples = new Samples(2 * timing.time());
        sample(samples, idle);
        double elapsed = System.nanoTime() - start;
        Map<String, Double> points = samples.percentiles("");
        long calls = inside.sum() - before;
        Work.check(calls > 0, "calls of the busy pairs", "none");
        points.put("calls inside", elapsed / calls);
        return points;
    }

    private static void sample(Samples samples, Supplier<Caller> idle) throws InterruptedException {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            Caller caller = idle.get();
            threads.add(
                    Thread.ofPlatform()
                            .daemon()
                            .uncaughtExceptionHandler((_, thrown) -> failure.set(thrown))
                            .start(() -> sample(samples, caller)));
        }
        awaited(samples);
        for (Thread thread : threads) {
            thread.join(GRACE);
        }
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw new IllegalStateException("a call failed", thrown);
        }
    }

    private static void sample(Samples samples, Caller idle) {
        try {
            long last = idle.increment();
            while (!samples.isDone()) {
                long start = System.nanoTime();
                long value = idle.increment();
                samples.add(System.nanoTime() - start);
                Work.checkCount(++last, value);
                pause();
            }
        } catch (Exception e) {
            throw new IllegalStateException("a call failed", e);
        }
    }

    /// Waits for [#PAUSE]. Loops because a park may return early.
    private static void pause() {
        long end = System.nanoTime() + PAUSE;
        for (long left = PAUSE; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /// Measures how late timers fire.
    ///
    /// @param begin starts processes that add samples until there are enough
    static Map<String, Double> timers(Work.Timing timing, Consumer<Samples> begin) {
        Samples samples = new Samples(timing.time());
        begin.accept(samples);
        return awaited(samples).percentiles("timer ");
    }

    private static Samples awaited(Samples samples) {
        while (!samples.isDone()) {
            LockSupport.parkNanos(NAP);
        }
        return samples;
    }

    private void naps(Samples samples) {
        for (int i = 0; i < NAPPING; i++) {
            waiting.fork()
                    .accept(() ->
                            Work.orHalt(() -> {
                                while (!samples.isDone()) {
                                    long due = System.nanoTime() + NAP;
                                    nap.run();
                                    samples.add(System.nanoTime() - due);
                                }
                            }));
        }
    }

    /// Measures the time from a platform thread's write to the return of a process's read.
    ///
    /// @param fork starts a process
    static Map<String, Double> sockets(Work.Timing timing, Consumer<Runnable> fork)
            throws IOException {
        Samples samples = new Samples(timing.time());
        try (ServerSocket server = new ServerSocket(0, READERS, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < READERS; i++) {
                Socket written = new Socket(server.getInetAddress(), server.getLocalPort());
                written.setTcpNoDelay(true);
                Wire wire = new Wire(written, server.accept(), samples);
                fork.accept(() -> Work.orHalt(wire::read));
                Thread.ofPlatform().daemon().start(() -> Work.orHalt(wire::write));
            }
            return awaited(samples).percentiles("socket ");
        }
    }

    /// A connection with at most one byte in flight.
    private static final class Wire {
        private final Socket written;
        private final Socket read;
        private final Samples samples;
        private volatile @Nullable Thread reader; // written once by the reader, read by the writer
        private volatile long sent; // written by the writer before the byte, read by the reader
        private volatile int received; // written by the reader, read by the writer

        Wire(Socket written, Socket read, Samples samples) {
            this.written = written;
            this.read = read;
            this.samples = samples;
        }

        void read() throws IOException {
            reader = Thread.currentThread();
            try (read) {
                InputStream in = read.getInputStream();
                for (int next = 1; true; next++) {
                    int got = in.read();
                    long now = System.nanoTime();
                    if (got < 0 && samples.isDone()) { // the writer has ended
                        return;
                    }
                    Work.checkCount(next & 0xff, got);
                    samples.add(now - sent);
                    received = next;
                }
            }
        }

        /// Writes a byte each time the reader has blocked, until there are enough samples.
        void write() throws IOException {
            try (written) {
                for (int next = 1; !samples.isDone(); next++) {
                    pause();
                    while (!isReaderBlocked()) {
                        LockSupport.parkNanos(SHORT);
                    }
                    sent = System.nanoTime();
                    written.getOutputStream().write(next);
                    while (received != next && !samples.isDone()) {
                        LockSupport.parkNanos(SHORT);
                    }
                }
            }
        }

        private boolean isReaderBlocked() {
            Thread thread = reader;
            return thread != null && thread.getState() == Thread.State.WAITING;
        }
    }
}
