package io.genserver.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// A client that visits kv again and again. No other client writes to its keys, so it knows what
/// every answer must be.
final class KvVisitor {

    /// What a client does in a visit.
    enum Kind {
        /// Sends several requests at once, again and again.
        WORK,
        /// Leaves in the middle of a line.
        HALF_A_LINE,
        /// Leaves with requests that are not answered.
        UNREAD_ANSWERS,
        /// Connects and leaves.
        NO_WORD,
        /// Sends a line that is no request.
        NONSENSE,
        /// Subscribes, and changes the bucket on another connection.
        SUBSCRIBE
    }

    private static final int BUCKETS = 50; // that the clients share
    private static final int KEYS = 5; // of each client
    private static final int BATCHES = 15;
    private static final int BATCH = 16;
    private static final int THOUGHT = 150; // the longest pause between batches; units: ms

    private final InetSocketAddress server;
    private final int number;
    private final String bucket;
    private final SplittableRandom random;
    private final Map<String, String> known = new HashMap<>(); // what this client has written
    private final Map<Kind, Long> visits = new EnumMap<>(Kind.class);
    private long writes;
    private long answers;

    KvVisitor(InetSocketAddress server, int number) {
        this.server = server;
        this.number = number;
        this.bucket = "soak-" + number % BUCKETS;
        this.random = new SplittableRandom(number);
    }

    /// Writes all that this client may write later, so that the server's memory need not grow.
    void prepare() throws IOException {
        try (KvLine line = new KvLine(server)) {
            line.expect("CREATE " + bucket, "OK");
            line.expect("CREATE " + ownBucket(), "OK");
            line.expect("PUT " + ownBucket() + " begin " + value(), "OK");
            for (int i = 0; i < KEYS; i++) {
                String value = value();
                known.put(key(i), value);
                line.expect("PUT " + bucket + " " + key(i) + " " + value, "OK");
            }
        }
    }

    private String ownBucket() {
        return "soak-of-" + number;
    }

    private String key(int i) {
        return "k" + number + "-" + i;
    }

    /// Visits once. Only one thread visits, and nobody calls the rest in the meantime.
    void visit() throws Exception {
        Kind kind = random.nextInt(3) > 0 ? Kind.WORK : any();
        try (KvLine line = new KvLine(server)) {
            switch (kind) {
                case WORK -> work(line);
                case HALF_A_LINE -> leaveInALine(line);
                case UNREAD_ANSWERS ->
                        line.send(("GET " + bucket + " " + key() + "\r\n").repeat(99));
                case NO_WORD -> {}
                case NONSENSE -> line.expect("\0\1 \u00ff get", "UNKNOWN COMMAND");
                case SUBSCRIBE -> subscribe(line);
            }
            if (random.nextBoolean()) {
                line.reset();
            }
        }
        visits.merge(kind, 1L, Long::sum);
        Thread.sleep(random.nextInt(THOUGHT));
    }

    private Kind any() {
        List<Kind> all = List.of(Kind.values());
        return all.get(random.nextInt(all.size()));
    }

    Map<Kind, Long> visits() {
        return visits;
    }

    /// Returns the number of answers that were checked.
    long answers() {
        return answers;
    }

    private String key() {
        return key(random.nextInt(KEYS));
    }

    private String value() {
        return "v" + ++writes + "x".repeat(random.nextInt(100));
    }

    private void work(KvLine line) throws Exception {
        line.expect("CREATE " + bucket, "OK");
        for (int i = random.nextInt(BATCHES); i >= 0; i--) {
            StringBuilder requests = new StringBuilder();
            List<String> expected = new ArrayList<>();
            for (int j = random.nextInt(BATCH); j >= 0; j--) {
                add(requests, expected);
            }
            line.send(requests.toString());
            for (String right : expected) {
                String got = line.read();
                Work.check(got.equals(right), right + " among the answers to " + requests, got);
                answers++;
            }
            Thread.sleep(random.nextInt(THOUGHT));
        }
    }

    private void add(StringBuilder requests, List<String> expected) {
        String key = key();
        switch (random.nextInt(5)) {
            case 0, 1 -> {
                requests.append("GET ").append(bucket).append(' ').append(key);
                expected.add(known.getOrDefault(key, ""));
            }
            case 2, 3 -> {
                String value = value();
                requests.append("PUT ").append(bucket).append(' ').append(key);
                requests.append(' ').append(value);
                known.put(key, value);
            }
            default -> {
                requests.append("DELETE ").append(bucket).append(' ').append(key);
                known.remove(key);
            }
        }
        requests.append("\r\n");
        expected.add("OK");
    }

    /// The request is not complete, so the server must not carry it out.
    private void leaveInALine(KvLine line) throws IOException {
        line.send("PUT " + bucket + " " + key() + " " + value());
    }

    private void subscribe(KvLine subscriber) throws IOException {
        String own = ownBucket();
        subscriber.expect("CREATE " + own, "OK");
        subscriber.send("SUBSCRIBE " + own + "\r\n");
        try (KvLine writer = new KvLine(server)) {
            String last = writeUntilSeen(subscriber, writer, own);
            while (!subscriber.read().equals(last)) {
                answers++;
            }
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String value = value();
                writer.expect("PUT " + own + " a " + value, "OK");
                writer.expect("DELETE " + own + " a", "OK");
                expected.addAll(List.of("a SET TO " + value, "a DELETED"));
            }
            for (String right : expected) {
                String got = subscriber.read();
                Work.check(got.equals(right), right, got);
                answers++;
            }
        }
    }

    /// A subscription has no reply, so this writes until the subscriber is told.
    ///
    /// @return what the subscriber is told last
    private String writeUntilSeen(KvLine subscriber, KvLine writer, String own) throws IOException {
        String value;
        do {
            value = value();
            writer.expect("PUT " + own + " begin " + value, "OK");
        } while (!subscriber.arrives(20));
        return "begin SET TO " + value;
    }
}
