package io.genserver.conformance;

import io.genserver.CallException;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Plays one scenario. The process that runs this is the driver. It runs each step through the
/// public API, waits until all processes are idle, and compares what it observes with what was
/// observed on the BEAM.
final class Player {

    // Longer than in the recording, because the BEAM had the machine to itself. Only a request that
    // is never answered may exceed a limit, and on a busy machine an answer can take a while.
    private static final Duration DO_LIMIT = Duration.ofSeconds(5);
    private static final Duration CALL_LIMIT = Duration.ofSeconds(5);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);
    private static final long QUIET_LIMIT = 10_000_000_000L; // units: ns
    private static final int QUIET_LOOKS = 3;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(1);

    private final Stage stage;
    private final Scenario scenario;
    private final List<StartOption> mode;
    private final Duration grace;
    private final Journal journal = new Journal();
    private final SupervisorSteps supervisor;

    /// The monitors of each process, keyed by watcher and target.
    private final Map<String, List<Ref>> monitors = new HashMap<>();

    private Player(Stage stage, Scenario scenario, List<StartOption> mode, Duration grace) {
        this.stage = stage;
        this.scenario = scenario;
        this.mode = mode;
        this.grace = grace;
        this.supervisor = new SupervisorSteps(stage, journal, mode);
    }

    /// Plays a scenario in the calling process.
    ///
    /// @param stage where the processes live
    /// @param mode options for all servers that take part
    /// @param grace how long after all processes look idle something may still happen, because a
    ///   thread that ends a process or delivers its exit signals may not get a core at once
    /// @return a description of the first difference, or empty if there is none
    static Optional<String> play(
            Stage stage, Scenario scenario, List<StartOption> mode, Duration grace) {
        Player player = new Player(stage, scenario, mode, grace);
        Processes.trapExits(true);
        try {
            return player.play();
        } finally {
            player.killAll();
        }
    }

    private Optional<String> play() {
        journal.bind("driver", Processes.self());
        for (int i = 0; i < scenario.steps().size(); i++) {
            Scenario.Step step = scenario.steps().get(i);
            String result = act(step.action());
            awaitTimeouts(step.action());
            ObjectNode seen = observe(result, step);
            if (!stage.accepts(scenario, step, seen, journal)) {
                return Optional.of(
                        "%s, step %d: %s%n  expected %s%n  got      %s"
                                .formatted(
                                        scenario.name(), i, step.action(), step.expected(), seen));
            }
        }
        return Optional.empty();
    }

    private String act(JsonNode action) {
        for (String field : List.of("by", "to")) {
            JsonNode id = action.get(field);
            boolean byName = field.equals("to") && action.has("name");
            if (id != null && !byName && journal.pid(id.asString()) == null) {
                return "unbound";
            }
        }
        try {
            return perform(action);
        } catch (CallException failed) {
            return "exit:" + Words.of(failed.serverReason());
        } catch (ExitException failed) {
            return "exit:" + Words.of(failed.reason());
        }
    }

    private String perform(JsonNode action) {
        String op = text(action, "op");
        return switch (op) {
            case "start" -> start(action);
            case "link" -> by(action, to -> Processes.link(to));
            case "unlink" -> by(action, to -> Processes.unlink(to));
            case "exit" ->
                    by(action, to -> Processes.exit(to, Words.reason(text(action, "reason"))));
            case "monitor" -> by(action, to -> monitorsOf(action).add(Processes.monitor(to)));
            case "demonitor" ->
                    by(
                            action,
                            _ -> {
                                monitorsOf(action).forEach(Processes::demonitorFlush);
                                monitorsOf(action).clear();
                            });
            case "trap" ->
                    inProcess(
                            text(action, "by"),
                            () -> {
                                Processes.trapExits(action.get("on").asBoolean());
                                return "ok";
                            });
            case "call" ->
                    String.valueOf(
                            GenServer.callUntyped(
                                    target(action), text(action, "what"), CALL_LIMIT));
            case "cast" -> {
                GenServer.cast(target(action), text(action, "what"));
                yield "ok";
            }
            case "send" -> {
                Processes.send(target(action), text(action, "what"));
                yield "ok";
            }
            case "stop" -> {
                GenServer.stop(target(action), Words.reason(text(action, "reason")), STOP_LIMIT);
                yield "ok";
            }
            case "whereis" ->
                    GenServer.whereis(stage.named(ownName(action))).map(journal::id).orElse("nil");
            default -> supervisor.perform(op, action);
        };
    }

    private String start(JsonNode action) {
        String id = text(action, "id");
        Pid running = journal.pid(id);
        if (running != null && Processes.isAlive(running)) {
            return "running";
        }
        return inProcess(
                text(action, "by"),
                () -> {
                    Probe.Argument argument =
                            new Probe.Argument(
                                    journal,
                                    id,
                                    action.get("trap").asBoolean(),
                                    action.has("init") ? text(action, "init") : "ok");
                    List<StartOption> options = new ArrayList<>(mode);
                    Optional<String> name =
                            action.has("name") ? Optional.of(ownName(action)) : Optional.empty();
                    name.map(StartOption::name).ifPresent(options::add);
                    return word(
                            stage.start(
                                    action.get("link").asBoolean(),
                                    argument,
                                    name,
                                    options.toArray(StartOption[]::new)));
                });
    }

    private String word(Start<?> start) {
        return switch (start) {
            case Start.Ok<?> _ -> "ok";
            case Start.Ignore<?> _ -> "ignore";
            case Start.Failed(ExitReason.AlreadyStarted(Pid pid)) ->
                    "already_started:" + journal.id(pid);
            case Start.Failed(ExitReason reason) -> "error:" + Words.of(reason);
        };
    }

    /// An operation of one process on another.
    private interface Deed {
        void to(Pid pid);
    }

    private String by(JsonNode action, Deed deed) {
        Pid to = known(text(action, "to"));
        return inProcess(
                text(action, "by"),
                () -> {
                    deed.to(stage.seen(to));
                    return "ok";
                });
    }

    private String inProcess(String id, Supplier<String> deed) {
        return id.equals("driver")
                ? deed.get()
                : String.valueOf(
                        GenServer.callUntyped(stage.seen(known(id)), Probe.Do.of(deed), DO_LIMIT));
    }

    private List<Ref> monitorsOf(JsonNode action) {
        // Keyed by pid, so a process that reuses an id starts without monitors.
        String key = known(text(action, "by")) + " on " + known(text(action, "to"));
        synchronized (monitors) {
            return monitors.computeIfAbsent(key, _ -> new ArrayList<>());
        }
    }

    private ServerRef target(JsonNode action) {
        return action.has("name")
                ? stage.named(ownName(action))
                : stage.seen(known(text(action, "to")));
    }

    /// Returns a name that no other scenario uses, because scenarios run concurrently.
    private String ownName(JsonNode action) {
        return scenario.name() + "/" + text(action, "name");
    }

    private Pid known(String id) {
        Pid pid = journal.pid(id);
        if (pid == null) {
            throw new AssertionError("expected the id of a bound process, got: " + id);
        }
        return pid;
    }

    static String text(JsonNode action, String field) {
        return action.get(field).asString();
    }

    /// Observes what a step led to. Something that happens only after the grace is observed in the
    /// next step.
    private ObjectNode observe(String result, Scenario.Step step) {
        List<Journal.Event> events = new ArrayList<>();
        List<Object> mail = new ArrayList<>();
        long start = Processes.monotonicTime();
        ObjectNode seen;
        do {
            awaitQuiet();
            events.addAll(journal.takeEvents());
            mail.addAll(Processes.flush());
            seen = look(result, events, mail, step.expected());
        } while (!stage.accepts(scenario, step, seen, journal)
                && Processes.monotonicTime() - start < grace.toNanos());
        return seen;
    }

    private ObjectNode look(
            String result, List<Journal.Event> events, List<Object> mail, JsonNode expected) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        ObjectNode seen = json.objectNode();
        boolean ordered = expected.get("events").isArray();
        seen.set("alive", array(alive()));
        seen.set("driver", array(words(mail, ordered)));
        seen.set("events", ordered ? eventsInOrder(events) : eventsById(events));
        seen.put("result", result);
        return seen;
    }

    private List<String> alive() {
        return journal.boundIds().stream()
                .filter(id -> !id.equals("driver"))
                .filter(id -> Processes.isAlive(known(id)))
                .toList();
    }

    private List<String> words(List<Object> mail, boolean ordered) {
        List<String> words = mail.stream().map(this::mailWord).toList();
        return ordered ? words : words.stream().sorted().toList();
    }

    private String mailWord(Object message) {
        return switch (message) {
            case Exit(Pid from, ExitReason reason) ->
                    "EXIT:" + journal.id(from) + ":" + Words.of(reason);
            case Down(Ref _, Pid pid, ExitReason reason) ->
                    "DOWN:" + journal.id(pid) + ":" + Words.of(reason);
            default -> "?" + message;
        };
    }

    private static JsonNode eventsById(List<Journal.Event> events) {
        Map<String, ArrayNode> byId = new TreeMap<>();
        for (Journal.Event event : events) {
            byId.computeIfAbsent(event.id(), _ -> JsonNodeFactory.instance.arrayNode())
                    .add(event.what());
        }
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        byId.forEach(node::set);
        return node;
    }

    private static JsonNode eventsInOrder(List<Journal.Event> events) {
        return array(events.stream().map(event -> event.id() + " " + event.what()).toList());
    }

    private static ArrayNode array(List<String> words) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        words.forEach(array::add);
        return array;
    }

    /// Lets the state timeout that a step armed expire. It is part of the step, and a process that
    /// waits for it looks idle.
    private static void awaitTimeouts(JsonNode action) {
        JsonNode what = action.get("what");
        if (what != null && what.asString().matches("(reply_)?timeout:\\d+")) {
            long millis = Long.parseLong(what.asString().replaceAll("\\D", ""));
            Processes.receive(_ -> null, Duration.ofMillis(millis + 5));
        }
    }

    /// Waits until no process has a message to handle, at several looks in a row.
    private void awaitQuiet() {
        long start = Processes.monotonicTime();
        for (int quiet = 0; quiet < QUIET_LOOKS; ) {
            stage.settle();
            quiet = isQuiet() ? quiet + 1 : 0;
            if (Processes.monotonicTime() - start > QUIET_LIMIT) {
                throw new AssertionError(
                        "expected all processes to become idle in " + scenario.name());
            }
            Processes.receive(_ -> null, BETWEEN_LOOKS); // leaves all messages in the mailbox
        }
    }

    private boolean isQuiet() {
        for (Pid pid : journal.all()) {
            Optional<ProcessInfo> info = Processes.info(pid);
            if (info.isPresent() && !pid.equals(Processes.self()) && isBusy(info.get())) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBusy(ProcessInfo info) {
        return info.status() == ProcessInfo.Status.RUNNING
                || info.status() == ProcessInfo.Status.RUNNABLE
                || info.messageQueueLength() > 0;
    }

    private void killAll() {
        for (Pid pid : journal.all()) {
            if (!pid.equals(Processes.self())) {
                Processes.exit(pid, ExitReason.KILL);
            }
        }
    }
}
