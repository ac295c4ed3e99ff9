package kv.console;

import io.genserver.Agent;
import io.genserver.CallException;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.supervisor.Supervisor;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import kv.Bucket;
import kv.Kv;
import kv.Registry;
import kv.Tree;

/// Runs commands and returns their answers in the notation of IEx: `ok`, `nil`, `"a string"`,
/// `#PID<0.5.0>`. Used by one process. The command `flush` shows the mailbox of that process.
final class Shell implements Interpreter {

    /// What a bucket says that the command crash makes crash.
    static final String CRASH = "crashed from the console";

    private final Set<String> created = new LinkedHashSet<>();

    @Override
    public boolean run(String line, Consumer<String> output) throws BadCommand {
        Command command = Command.parse(line);
        output.accept(run(command));
        return !(command instanceof Command.Exit);
    }

    @Override
    public void checkAlive() {
        Processes.self(); // throws if the tree gave up, which interrupts the thread
    }

    @Override
    public List<String> words() {
        return Usage.words(Command.ALL);
    }

    @Override
    public Set<String> buckets() { // created by this shell, alive or dead
        return created;
    }

    /// Runs one command.
    ///
    /// @return the answer, of one or more lines; if the command failed, the reason
    String run(Command command) {
        try {
            return answer(command);
        } catch (CallException failed) {
            return exit(failed);
        }
    }

    private String answer(Command command) {
        return switch (command) {
            case Command.Create(String bucket) -> create(bucket);
            case Command.Lookup(String bucket) ->
                    Registry.lookup(Kv.registry(), bucket).map(Server::toString).orElse("error");
            case Command.Put(String bucket, String key, String value) ->
                    with(
                            bucket,
                            found -> {
                                Bucket.put(found, key, value);
                                return "ok";
                            });
            case Command.Get(String bucket, String key) ->
                    with(bucket, found -> value(Bucket.get(found, key)));
            case Command.Delete(String bucket, String key) ->
                    with(bucket, found -> value(Bucket.delete(found, key)));
            case Command.ListBuckets _ -> list();
            case Command.Stop(String bucket) ->
                    with(
                            bucket,
                            found -> {
                                Agent.stop(found);
                                return "ok";
                            });
            case Command.Crash(String bucket) -> with(bucket, Shell::crash);
            case Command.Send(String name, String message) -> send(name, message);
            case Command.MonitorBucket(String bucket) ->
                    with(bucket, found -> Processes.monitor(found).toString());
            case Command.Flush _ -> flush();
            case Command.Tree _ -> tree();
            case Command.Help _ -> Usage.help(Command.ALL);
            case Command.Exit _ -> "ok";
        };
    }

    private String create(String bucket) {
        Registry.create(Kv.registry(), bucket);
        created.add(bucket);
        return "ok";
    }

    private static String with(String bucket, Function<Server<Bucket>, String> action) {
        return Registry.lookup(Kv.registry(), bucket).map(action).orElseGet(() -> notFound(bucket));
    }

    static String notFound(String bucket) {
        return "not found: there is no bucket " + bucket;
    }

    private static String crash(Server<Bucket> bucket) {
        try {
            Agent.run(
                    bucket,
                    _ -> {
                        throw new IllegalStateException(CRASH);
                    });
            return "ok";
        } catch (CallException failed) {
            // The supervisor may have to restart what went down with the bucket. It answers this
            // call after the restart, so the next command finds the restarted tree.
            Supervisor.countChildren(new Name(Kv.SUPERVISOR));
            return exit(failed);
        }
    }

    static String exit(CallException failed) {
        return "** (exit) " + failed.getMessage();
    }

    static String send(String name, String message) {
        if (Processes.whereis(name).isEmpty()) {
            return "not found: no process is registered as " + name;
        }
        Processes.send(new Name(name), message);
        return quoted(message);
    }

    static String flush() {
        List<Object> messages = Processes.flush();
        return messages.stream().map(message -> message + "\n").collect(Collectors.joining())
                + "ok";
    }

    private String tree() {
        Map<Pid, String> names = aliveByPid();
        return Tree.drawWithLinks(Kv.SUPERVISOR, pid -> Optional.ofNullable(names.get(pid)));
    }

    private String list() {
        Map<Pid, String> alive = aliveByPid();
        return alive.isEmpty()
                ? "no buckets"
                : alive.entrySet().stream()
                        .map(entry -> entry.getValue() + " " + entry.getKey())
                        .collect(Collectors.joining("\n"));
    }

    private Map<Pid, String> aliveByPid() {
        Map<Pid, String> alive = new java.util.LinkedHashMap<>();
        for (String name : created) {
            Registry.lookup(Kv.registry(), name).ifPresent(bucket -> alive.put(bucket.pid(), name));
        }
        return alive;
    }

    private static String value(Optional<Object> value) {
        return value.map(known -> quoted(known.toString())).orElse("nil");
    }

    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
