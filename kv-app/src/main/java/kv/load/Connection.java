package kv.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;

/// One connection: the requests that are not answered yet, oldest first, and the bytes of both
/// directions.
final class Connection {

    private final Wire wire;
    private final SelectionKey selected;
    private final Dialect dialect;
    private final Ledger ledger;
    private final Tally tally;

    // The ring of the requests that are not answered.
    private final Operation[] operations;
    private final int[] keys;
    private final long[] remembered; // what the ledger needs to check each answer
    private final long[] starts; // when a request was sent or due; units: ns
    private int oldest;
    private int waiting;

    private final ByteBuffer output;
    private final byte[] input;
    private final ByteBuffer inputBuffer; // the same bytes
    private final Dialect.Parsed parsed = new Dialect.Parsed();

    /// Takes a wire over. From here on it does not block.
    Connection(Wire wire, Selector selector, Settings settings, Ledger ledger, Tally tally)
            throws IOException {
        this.wire = wire;
        this.selected = wire.register(selector, this);
        this.dialect = settings.dialect();
        int depth = settings.depth();
        this.ledger = ledger;
        this.tally = tally;
        this.operations = new Operation[depth];
        this.keys = new int[depth];
        this.remembered = new long[depth];
        this.starts = new long[depth];
        this.output = ByteBuffer.allocate(depth * dialect.longest());
        this.input = new byte[depth * dialect.longest()];
        this.inputBuffer = ByteBuffer.wrap(input);
    }

    boolean isOpen() {
        return wire.isOpen();
    }

    /// Returns the number of requests that are not answered.
    int waiting() {
        return waiting;
    }

    /// Appends a request to the output.
    ///
    /// @param start when the request was sent or due; units: ns
    void add(Operation operation, int key, long start) {
        int slot = (oldest + waiting) % keys.length;
        long number = 0;
        switch (operation) {
            case GET -> remembered[slot] = ledger.sentGet(key);
            case PUT -> {
                number = ledger.put(key);
                remembered[slot] = ledger.sentWrite(key);
            }
            case DELETE -> {
                ledger.delete(key);
                remembered[slot] = ledger.sentWrite(key);
            }
        }
        operations[slot] = operation;
        keys[slot] = key;
        starts[slot] = start;
        waiting++;
        dialect.write(output, operation, key, number);
    }

    /// Writes the output, as much of it as the socket takes.
    void flush() {
        if (output.position() == 0 && !wire.holdsUnsent()) {
            return;
        }
        try {
            wire.write(output.flip());
            output.compact();
            int interest =
                    output.position() == 0 && !wire.holdsUnsent()
                            ? SelectionKey.OP_READ
                            : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
            if (selected.interestOps() != interest) {
                selected.interestOps(interest);
            }
        } catch (IOException failed) {
            close("lost a connection: " + failed.getMessage());
        }
    }

    /// Reads and checks the answers that have arrived.
    void receive(long now) {
        do {
            if (!read()) {
                return;
            }
            checkAll(now);
        } while (isOpen() && wire.holdsArrived());
    }

    /// Reads once, and returns whether something has arrived.
    private boolean read() {
        try {
            int count = wire.read(inputBuffer);
            if (count < 0) {
                close("the server closed a connection");
            }
            return count > 0;
        } catch (IOException failed) {
            close("lost a connection: " + failed.getMessage());
            return false;
        }
    }

    private void checkAll(long now) {
        int from = 0;
        int to = inputBuffer.position();
        while (waiting > 0 && check(from, to, now)) {
            from = parsed.end;
        }
        if (isOpen() && waiting == 0 && from < to) {
            tally.wrong("an answer without a request: " + shown(from, to));
            close("");
        }
        if (from > 0) {
            inputBuffer.position(from).limit(to);
            inputBuffer.compact();
        }
        if (!inputBuffer.hasRemaining() && isOpen()) {
            tally.wrong("an answer that is too long: " + shown(0, to));
            close("");
        }
    }

    /// Checks one answer and returns whether another one may follow.
    private boolean check(int from, int to, long now) {
        Operation operation = operations[oldest];
        Dialect.Answer answer = dialect.read(input, from, to, operation, parsed);
        switch (answer) {
            case INCOMPLETE -> {
                return false;
            }
            case WRONG -> {
                tally.wrong(problem("wrong answer", from, to));
                waiting--;
                close("");
                return false;
            }
            case REFUSED -> tally.refused(problem("refused", from, parsed.end));
            case DONE -> ledger.answered(keys[oldest], remembered[oldest]);
            case VALUE -> checkValue();
            case MISSING -> {
                if (!ledger.mayBeMissing(keys[oldest], remembered[oldest])) {
                    tally.wrong(problem("wrong answer", from, parsed.end));
                }
            }
        }
        tally.answered(starts[oldest], now);
        oldest = (oldest + 1) % keys.length;
        waiting--;
        return true;
    }

    private void checkValue() {
        int key = keys[oldest];
        long number = dialect.values().number(input, parsed.valueFrom, parsed.valueTo, key);
        if (number < 0 || !ledger.mayHold(key, remembered[oldest], number)) {
            tally.wrong(problem("wrong answer", parsed.valueFrom, parsed.valueTo));
        }
    }

    private String problem(String what, int from, int to) {
        ByteBuffer key = ByteBuffer.allocate(dialect.longest());
        Values.writeKey(key, keys[oldest]);
        String text = new String(key.array(), 0, key.position(), StandardCharsets.US_ASCII);
        return "%s to %s of %s: %s".formatted(what, operations[oldest], text, shown(from, to));
    }

    /// Returns bytes of an answer, shortened and without control characters, which could drive a
    /// terminal.
    private String shown(int from, int to) {
        String text = new String(input, from, Math.min(to - from, 100), StandardCharsets.US_ASCII);
        return '"' + text.strip().replaceAll("[^ -~]", "?") + '"';
    }

    /// Closes the connection after the run.
    void end() throws IOException {
        wire.close();
    }

    /// Closes the connection. The requests that are not answered are lost.
    ///
    /// @param problem why, if that is not known yet
    private void close(String problem) {
        if (!isOpen()) {
            return;
        }
        tally.closed(waiting, problem);
        waiting = 0;
        try {
            wire.close();
        } catch (IOException failed) {
            tally.closed(0, "could not close a connection: " + failed.getMessage());
        }
    }
}
