package kv.console;

import io.genserver.CallException;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.cluster.Cluster;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import kv.Kv;
import kv.Tree;
import kv.nodes.Answer;
import kv.nodes.Entry;
import kv.nodes.NodeBuckets;

/// Runs commands as [Shell] does, on the buckets of several nodes. Used by one process.
public final class NodeShell implements Interpreter {

    private static final Usage INFO =
            new Usage("info", "info", "show this node and those that it is connected with");

    private static final List<Usage> ALL = withInfo();

    private final NodeBuckets buckets;

    /// Makes a shell.
    ///
    /// @param buckets the buckets
    public NodeShell(NodeBuckets buckets) {
        this.buckets = buckets;
    }

    private static List<Usage> withInfo() {
        List<Usage> all = new ArrayList<>(Command.ALL);
        all.add(all.size() - 2, INFO); // before help and exit
        return List.copyOf(all);
    }

    @Override
    public boolean run(String line, Consumer<String> output) throws BadCommand {
        String[] words = line.strip().split(Command.BLANKS, 2);
        if (!words().contains(words[0])) {
            throw Usage.unknown(ALL, words[0]);
        }
        if (words[0].equals(INFO.word())) {
            if (words.length > 1) {
                throw INFO.wrong(line);
            }
            output.accept(info());
            return true;
        }
        Command command = Command.parse(line);
        output.accept(run(command));
        return !(command instanceof Command.Exit);
    }

    /// Returns a text with one char for each byte of its UTF-8 form. Buckets have such texts,
    /// because the clients of `kv serve` may use any bytes.
    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static String text(String text) {
        return new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private String run(Command command) {
        try {
            return answer(command);
        } catch (CallException failed) {
            return Shell.exit(failed);
        }
    }

    private String answer(Command command) {
        return switch (command) {
            case Command.Create(String bucket) -> said(bucket, buckets.create(bytes(bucket)));
            case Command.Lookup(String bucket) ->
                    buckets.find(bytes(bucket)).map(NodeShell::place).orElse("error");
            case Command.Put(String bucket, String key, String value) ->
                    said(bucket, buckets.put(bytes(bucket), bytes(key), bytes(value)));
            case Command.Get(String bucket, String key) ->
                    value(bucket, buckets.get(bytes(bucket), bytes(key)));
            case Command.Delete(String bucket, String key) ->
                    value(bucket, buckets.delete(bytes(bucket), bytes(key)));
            case Command.ListBuckets _ -> list();
            case Command.Stop(String bucket) ->
                    buckets.stop(bytes(bucket)) ? "ok" : Shell.notFound(bucket);
            case Command.Crash(String bucket) ->
                    said(bucket, buckets.crash(bytes(bucket), Shell.CRASH));
            case Command.Send(String name, String message) -> Shell.send(name, message);
            case Command.MonitorBucket(String bucket) ->
                    buckets.find(bytes(bucket))
                            .map(found -> Processes.monitor(found).toString())
                            .orElseGet(() -> Shell.notFound(bucket));
            case Command.Flush _ -> Shell.flush();
            case Command.Tree _ -> tree();
            case Command.Help _ -> Usage.help(ALL);
            case Command.Exit _ -> "ok";
        };
    }

    private static String said(String bucket, Answer answer) {
        return switch (answer) {
            case DONE -> "ok";
            case NOT_FOUND -> Shell.notFound(bucket);
            case OUT_OF_MEMORY -> "out of memory: there is no room in the bucket " + bucket;
        };
    }

    private static String value(String bucket, Optional<Entry> entry) {
        return entry.map(found ->
                        found.value().map(value -> Shell.quoted(text(value))).orElse("nil"))
                .orElseGet(() -> Shell.notFound(bucket));
    }

    private static String place(Pid pid) {
        return pid + " on " + pid.node();
    }

    private String list() {
        Map<String, Pid> all = buckets.all();
        return all.isEmpty()
                ? "no buckets"
                : all.entrySet().stream()
                        .map(entry -> text(entry.getKey()) + " " + place(entry.getValue()))
                        .collect(Collectors.joining("\n"));
    }

    private String tree() {
        Map<Pid, String> names = buckets.names();
        return Tree.draw(
                Kv.SUPERVISOR, pid -> Optional.ofNullable(names.get(pid)).map(NodeShell::text));
    }

    private static String info() {
        List<String> others = Cluster.nodes();
        return "node "
                + Cluster.self()
                + "\nconnected with "
                + (others.isEmpty() ? "no other node" : String.join(", ", others))
                + "\nquorum "
                + Cluster.hasQuorum();
    }

    @Override
    public void checkAlive() {
        Processes.self(); // throws if the tree gave up, which interrupts the thread
    }

    @Override
    public List<String> words() {
        return Usage.words(ALL);
    }

    @Override
    public Collection<String> buckets() {
        return buckets.all().keySet().stream().map(NodeShell::text).toList();
    }
}
