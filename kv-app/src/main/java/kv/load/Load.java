package kv.load;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// One run. One thread serves all connections with a selector, because that leaves the most of the
/// machine to the server.
final class Load {

    private static final int CONNECT = 5_000; // the time to connect and to greet; units: ms
    private static final long SECOND = 1_000_000_000L;

    private static final long LONGEST_WAIT = SECOND / 10; // so that stop() is seen; units: ns

    /// How long the thread sleeps if a request is due in less than the millisecond that is the
    /// shortest wait of a selector. Units: ns.
    private static final long NAP = 50_000;

    private final Settings settings;
    private final Consumer<String> progress;
    private final Ledger ledger;
    private final Tally tally = new Tally();
    private final List<Connection> connections = new ArrayList<>();

    private volatile boolean stopped; // set by any thread
    private long nextProgress = Long.MAX_VALUE; // units: ns
    private long answersBefore; // at the last progress

    /// Creates a run.
    ///
    /// @param progress called once a second with a line
    Load(Settings settings, Consumer<String> progress) {
        this.settings = settings;
        this.progress = progress;
        this.ledger = new Ledger(settings.keys());
    }

    /// Ends the run early. May be called by any thread.
    void stop() {
        stopped = true;
    }

    /// Runs and returns the result.
    ///
    /// @throws IOException if the server cannot be reached or does not answer the first requests
    Result run() throws IOException {
        try (Selector selector = Selector.open()) {
            try {
                connect(selector);
                serve(selector, new Pace.Preload(settings.keys(), settings.depth()));
                if (tally.problems() == 0) {
                    measure(selector);
                }
            } finally {
                for (Connection connection : connections) {
                    connection.end();
                }
            }
        }
        return tally.result();
    }

    private void connect(Selector selector) throws IOException {
        for (int i = 0; i < settings.connections(); i++) {
            Wire wire = Wire.connect(settings.endpoint(), CONNECT);
            try {
                greet(wire, i == 0);
                connections.add(new Connection(wire, selector, settings, ledger, tally));
            } catch (IOException failed) {
                wire.close();
                throw failed;
            }
        }
    }

    private void greet(Wire wire, boolean first) throws IOException {
        var token = Optional.ofNullable(settings.endpoint().token());
        for (Exchange exchange : settings.dialect().greeting(token)) {
            exchange.on(wire);
        }
        if (first) {
            for (Exchange exchange : settings.dialect().preparation()) {
                exchange.on(wire);
            }
        }
    }

    private void measure(Selector selector) throws IOException {
        long begin = System.nanoTime();
        long from = begin + settings.warmUp().toNanos();
        long end = from + settings.duration().toNanos();
        tally.measure(from, end);
        nextProgress = begin + SECOND;
        answersBefore = tally.all();
        Requests requests = new Requests(settings);
        if (settings.rate().isPresent()) {
            int rate = settings.rate().getAsInt();
            Pace.Fixed pace =
                    new Pace.Fixed(requests, connections, settings.depth(), rate, begin, end);
            serve(selector, pace);
            pace.countUnsent(tally, tally.end());
        } else {
            serve(selector, new Pace.Closed(requests, settings.depth(), end));
        }
    }

    /// Sends requests until the pace is over, then waits for the last answers.
    private void serve(Selector selector, Pace pace) throws IOException {
        long begin = System.nanoTime();
        connections.forEach(connection -> advance(connection, pace, begin));
        for (long now = begin; !isOver(pace, now); now = System.nanoTime()) {
            report(now);
            await(selector, pace.tick(now), pace);
        }
        long end = System.nanoTime();
        pace.tick(end); // what became due in the last wait
        tally.endAt(end);
        long patience = settings.patience().toNanos();
        while (waiting() > 0 && System.nanoTime() - end < patience) {
            await(selector, LONGEST_WAIT, pace);
        }
        tally.lost(waiting());
    }

    private boolean isOver(Pace pace, long now) {
        return stopped || pace.isOver(now) || connections.stream().noneMatch(Connection::isOpen);
    }

    private int waiting() {
        return connections.stream().mapToInt(Connection::waiting).sum();
    }

    /// Handles what has arrived, and waits for it if there is nothing.
    private void await(Selector selector, long wait, Pace pace) throws IOException {
        long millis = Math.min(wait, LONGEST_WAIT) / 1_000_000;
        if (millis > 0) {
            selector.select(key -> ready(key, pace), millis);
        } else if (selector.selectNow(key -> ready(key, pace)) == 0) {
            LockSupport.parkNanos(Math.min(wait, NAP));
        }
    }

    private void ready(SelectionKey key, Pace pace) {
        Connection connection = (Connection) key.attachment();
        long now = System.nanoTime();
        if (key.isReadable()) {
            connection.receive(now);
        }
        advance(connection, pace, now);
    }

    private void advance(Connection connection, Pace pace, long now) {
        if (connection.isOpen()) {
            if (!stopped && !pace.isOver(now)) {
                pace.answered(connection, now);
            }
            connection.flush();
        }
    }

    private void report(long now) {
        if (now >= nextProgress) {
            progress.accept(
                    "%d requests/s, %d problems"
                            .formatted(tally.all() - answersBefore, tally.problems()));
            answersBefore = tally.all();
            nextProgress += SECOND;
        }
    }
}
