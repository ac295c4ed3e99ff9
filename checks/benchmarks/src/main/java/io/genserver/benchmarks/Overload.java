package io.genserver.benchmarks;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.DeadLetters;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.StartOption;
import io.genserver.WhenFull;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/// Sends one server twice what it can handle, with each policy for a full mailbox. Every other
/// message is a call, the rest are casts. The senders do not slow down: each message has a virtual
/// thread of its own, as each request to a web server has.
final class Overload {

    /// How many messages may wait. The server handles as many in a tenth of a second.
    private static final int LIMIT = 80;

    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMillis(100);

    /// How long a turn waits, as for a database. Units: ns
    private static final long TURN = 1_000_000L;

    /// How many calls the capacity is measured with.
    private static final int TRIAL = 500;

    /// The size of what a cast carries. Units: bytes
    private static final int PAYLOAD = 1_024;

    record Query() implements Call<Ok> {}

    /// A cast that keeps some memory while it waits.
    static final class Update {
        @SuppressWarnings("unused") // only takes room
        private final byte[] payload;

        Update(int bytes) {
            this.payload = new byte[bytes];
        }
    }

    /// Waits in each turn.
    static final class Backend implements GenServer<Ok, Ok, Query, Update> {
        private static void work() {
            long end = System.nanoTime() + TURN;
            for (long left = TURN; left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }

        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok);
        }

        @Override
        public CallResult<Ok> handleCall(Query query, From from, Ok ok) {
            work();
            return CallResult.reply(query, Ok.OK, ok);
        }

        @Override
        public CastResult<Ok> handleCast(Update update, Ok ok) {
            work();
            return CastResult.noreply(ok);
        }
    }

    private final int seconds;
    private final int rate; // messages in a second, twice the capacity

    private Overload(int seconds, int rate) {
        this.seconds = seconds;
        this.rate = rate;
    }

    /// Runs each policy for the given time and prints a table.
    ///
    /// @param arguments the number of seconds, 1 or more
    public static void main(String[] arguments) throws InterruptedException {
        int seconds = Argument.whole(arguments[0], "seconds", 1);
        int capacity = capacity();
        System.out.print(Machine.describe());
        System.out.printf(
                Locale.ROOT,
                """
                One server whose turns take 1 ms, with a capacity of %d messages in a second
                %d messages in a second for %d s, half of them calls with a timeout of %d ms, half casts of 1 KB
                Limit of the mailbox: %d; block waits %d ms at most

                | mailbox | calls answered | p50 | p99 | calls refused | calls timed out | casts lost | waiting at the end | heap at the end |
                |---|---|---|---|---|---|---|---|---|
                """,
                capacity,
                2 * capacity,
                seconds,
                TIMEOUT.toMillis(),
                LIMIT,
                PATIENCE.toMillis());
        Overload overload = new Overload(seconds, 2 * capacity);
        for (Map.Entry<String, List<StartOption>> policy : policies().entrySet()) {
            overload.run(policy.getKey(), policy.getValue());
        }
        System.out.flush();
        Runtime.getRuntime().halt(0); // senders may still wait
    }

    private static Map<String, List<StartOption>> policies() {
        StartOption skip = StartOption.skipAbandonedCalls();
        Map<String, List<StartOption>> all = new LinkedHashMap<>();
        all.put("unbounded", List.of());
        all.put("unbounded, skips abandoned calls", List.of(skip));
        all.put("fail", List.of(StartOption.mailbox(LIMIT, WhenFull.fail())));
        all.put("dropNewest", List.of(StartOption.mailbox(LIMIT, WhenFull.dropNewest())));
        all.put("dropOldest", List.of(StartOption.mailbox(LIMIT, WhenFull.dropOldest())));
        all.put("block", List.of(StartOption.mailbox(LIMIT, WhenFull.block(PATIENCE))));
        return all;
    }

    private static Server<Backend> start(List<StartOption> options) {
        return GenServer.start(Backend::new, Ok.OK, options.toArray(StartOption[]::new)).server();
    }

    /// Returns how many messages the server handles in a second.
    private static int capacity() {
        Server<Backend> server = start(List.of());
        long begin = 0;
        for (int round = 0; round < 2; round++) { // the first one warms up
            begin = System.nanoTime();
            for (int i = 0; i < TRIAL; i++) {
                GenServer.cast(server, new Update(0));
            }
            GenServer.call(server, new Query());
        }
        long took = System.nanoTime() - begin;
        GenServer.stop(server);
        return (int) (TRIAL * 1_000_000_000L / took);
    }

    /// What happened to the messages of one run.
    private static final class Outcomes {
        final AtomicLongArray times; // of the calls that were answered; units: ns
        final AtomicInteger answered = new AtomicInteger();
        final AtomicInteger refused = new AtomicInteger();
        final AtomicInteger timedOut = new AtomicInteger();
        final AtomicInteger castsLost = new AtomicInteger();

        Outcomes(int messages) {
            this.times = new AtomicLongArray(messages);
        }

        Map<String, Double> percentiles() {
            long[] all = new long[answered.get()];
            Arrays.setAll(all, times::get);
            return Work.percentiles(all);
        }
    }

    private void run(String name, List<StartOption> options) throws InterruptedException {
        Server<Backend> server = start(options);
        Outcomes outcomes = new Outcomes(rate * seconds);
        Phaser senders = new Phaser(1);
        try (DeadLetters.Subscription _ =
                DeadLetters.listen(letter -> {
                    if (letter.message() instanceof Update) {
                        outcomes.castsLost.incrementAndGet();
                    }
                })) {
            sendAll(server, outcomes, senders);
            int waiting = Processes.mailboxLength(server).orElseThrow();
            long heap = Work.usedHeap();
            senders.awaitAdvance(senders.arrive());
            print(name, outcomes, waiting, heap);
        }
        Processes.exit(server.pid(), ExitReason.KILL);
    }

    private void print(String name, Outcomes outcomes, int waiting, long heap) {
        double each = rate * seconds / 2.0;
        Work.checkCount(
                (rate * seconds + 1) / 2,
                outcomes.answered.get() + outcomes.refused.get() + outcomes.timedOut.get());
        Map<String, Double> times = outcomes.percentiles();
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f %% | %.0f ms | %.0f ms | %.0f %% | %.0f %% | %.0f %% | %d | %.1f MB |%n",
                name,
                100 * outcomes.answered.get() / each,
                Objects.requireNonNull(times.get("p50")) / 1e6,
                Objects.requireNonNull(times.get("p99")) / 1e6,
                100 * outcomes.refused.get() / each,
                100 * outcomes.timedOut.get() / each,
                100 * outcomes.castsLost.get() / each,
                waiting,
                heap / 1e6);
    }

    /// Sends at the given rate, whatever happens to the messages.
    private void sendAll(Server<Backend> server, Outcomes outcomes, Phaser senders) {
        int all = rate * seconds;
        long begin = System.nanoTime();
        int sent = 0;
        while (sent < all) {
            long due = (System.nanoTime() - begin) * rate / 1_000_000_000L;
            for (; sent < all && sent < due; sent++) {
                boolean calls = sent % 2 == 0;
                senders.register();
                Thread.ofVirtual()
                        .start(() -> {
                            if (calls) {
                                call(server, outcomes);
                            } else {
                                cast(server, outcomes);
                            }
                            senders.arriveAndDeregister();
                        });
            }
            LockSupport.parkNanos(1_000_000L);
        }
    }

    private static void call(Server<Backend> server, Outcomes outcomes) {
        long begin = System.nanoTime();
        try {
            GenServer.call(server, new Query(), TIMEOUT);
            long took = System.nanoTime() - begin;
            outcomes.times.set(outcomes.answered.getAndIncrement(), took);
        } catch (CallException failed) {
            (failed.serverReason().equals(ExitReason.TIMEOUT)
                            ? outcomes.timedOut
                            : outcomes.refused)
                    .incrementAndGet();
        }
    }

    private static void cast(Server<Backend> server, Outcomes outcomes) {
        try {
            GenServer.cast(server, new Update(PAYLOAD));
        } catch (ExitException refused) {
            outcomes.castsLost.incrementAndGet();
        }
    }
}
