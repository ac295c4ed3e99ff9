package kv.client;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import kv.console.BadCommand;
import kv.console.Interpreter;
import kv.console.Usage;
import org.jspecify.annotations.Nullable;

/// Runs commands on a server and shows the answers as the console does: `ok`, `nil`, `"a string"`.
/// It connects again for the next command after a connection has ended.
final class RemoteShell implements Interpreter {

    private static final List<Usage> ALL =
            List.of(
                    new Usage("create", "create BUCKET", "create a bucket, unless it exists"),
                    new Usage("put", "put BUCKET KEY VALUE", "store a value under a key"),
                    new Usage("get", "get BUCKET KEY", "show the value of a key, or nil"),
                    new Usage("delete", "delete BUCKET KEY", "delete a key"),
                    new Usage(
                            "subscribe",
                            "subscribe BUCKET",
                            "show the changes of a bucket, until Ctrl-C"),
                    new Usage("buckets", "buckets", "show the names of the buckets"),
                    new Usage("tree", "tree", "show the supervision tree of the server"),
                    new Usage("info", "info", "show the version and the limits of the server"),
                    new Usage("stats", "stats", "show the counters of the server"),
                    new Usage("help", "help", "show this help"),
                    new Usage("exit", "exit", "exit; the server goes on"));

    /// What a server says that does not answer. The lines of an answer have other characters.
    private static final Pattern REFUSAL = Pattern.compile("[A-Z ]+");

    private final Endpoint address;
    private final Collection<String> buckets = new TreeSet<>();

    private @Nullable Remote remote;

    /// The connection of a command that goes on until it is ended. Written by the thread that runs
    /// it, read by the one that ends it.
    private volatile @Nullable Remote subscription;

    RemoteShell(Endpoint address) {
        this.address = address;
    }

    /// Connects, and learns the names of the buckets.
    void connect() throws IOException {
        for (String bucket : lines("BUCKETS")) {
            buckets.add(bucket.substring(0, bucket.indexOf(' ')));
        }
    }

    @Override
    public boolean run(String line, Consumer<String> output) throws BadCommand, IOException {
        String[] words = line.strip().split("\\s+", -1);
        Usage usage = usage(words[0]);
        if (words.length != usage.usage().split(" ", -1).length) {
            throw usage.wrong(line);
        }
        String request = String.join(" ", words);
        String rest = request.substring(words[0].length());
        switch (usage.word()) {
            case "create" -> {
                output.accept(simple(ask("CREATE" + rest)));
                buckets.add(words[1]);
            }
            case "put" -> output.accept(simple(ask("PUT" + rest)));
            case "delete" -> output.accept(simple(ask("DELETE" + rest)));
            case "get" -> output.accept(get(rest));
            case "subscribe" -> subscribe(rest, output);
            case "help" -> output.accept(Usage.help(ALL));
            case "exit" -> {
                output.accept("ok");
                return false;
            }
            default -> lines(usage.word().toUpperCase(Locale.ROOT)).forEach(output);
        }
        return true;
    }

    private static Usage usage(String word) throws BadCommand {
        return ALL.stream()
                .filter(usage -> usage.word().equals(word))
                .findFirst()
                .orElseThrow(() -> Usage.unknown(ALL, word));
    }

    private String get(String rest) throws IOException {
        String first = ask("GET" + rest);
        if (first.contains(" ")) { // a value has no blank, a refusal has
            return refusal(first);
        }
        String end = read();
        if (!end.equals("OK")) {
            throw unexpected(end);
        }
        return first.isEmpty() ? "nil" : '"' + plain(first) + '"';
    }

    private static String simple(String reply) {
        return reply.equals("OK") ? "ok" : refusal(reply);
    }

    private static String refusal(String reply) {
        return "refused: " + plain(reply.toLowerCase(Locale.ROOT));
    }

    /// Returns the lines of a reply up to `OK`.
    private List<String> lines(String request) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = ask(request); !line.equals("OK"); line = read()) {
            if (REFUSAL.matcher(line).matches()) {
                throw unexpected(line);
            }
            lines.add(plain(line));
        }
        return lines;
    }

    private IOException unexpected(String line) {
        disconnect();
        return new IOException("the server answered " + plain(line));
    }

    private void subscribe(String rest, Consumer<String> output) throws IOException {
        try (Remote own = Remote.connect(address)) {
            subscription = own;
            own.send("SUBSCRIBE" + rest);
            own.waitForEver();
            while (true) {
                String line = own.line();
                if (line.equals("NOT FOUND")) {
                    output.accept(refusal(line));
                    return;
                }
                output.accept(plain(line));
            }
        } catch (IOException ended) {
            if (subscription != null) { // else the user has ended it
                throw ended;
            }
        } finally {
            subscription = null;
        }
    }

    @Override
    public void interrupt() {
        Remote open = subscription;
        subscription = null;
        if (open != null) {
            open.closeQuietly();
        }
    }

    private String ask(String request) throws IOException {
        try {
            if (remote == null) {
                remote = Remote.connect(address);
            }
            return remote.ask(request);
        } catch (IOException failed) {
            disconnect();
            throw failed;
        }
    }

    private String read() throws IOException {
        if (remote == null) {
            throw new IllegalStateException("expected a request before its reply");
        }
        try {
            return remote.line();
        } catch (IOException failed) {
            disconnect();
            throw failed;
        }
    }

    private void disconnect() {
        if (remote != null) {
            remote.closeQuietly();
            remote = null;
        }
    }

    /// Returns a text without control characters, which could drive a terminal.
    private static String plain(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    @Override
    public List<String> words() {
        return Usage.words(ALL);
    }

    @Override
    public Collection<String> buckets() {
        return buckets;
    }
}
