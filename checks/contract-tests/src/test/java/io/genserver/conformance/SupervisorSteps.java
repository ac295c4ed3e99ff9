package io.genserver.conformance;

import static io.genserver.conformance.Player.text;

import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.AutoShutdown;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.ChildCount;
import io.genserver.supervisor.ChildError;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// The steps that start a supervisor and make requests to it.
final class SupervisorSteps {

    private static final Duration PERIOD = Duration.ofSeconds(60);

    // Longer than in the recording, because the BEAM had the machine to itself. No probe needs it.
    private static final long SHUTDOWN_FACTOR = 25;

    private final Stage stage;
    private final Journal journal;
    private final List<StartOption> mode;

    SupervisorSteps(Stage stage, Journal journal, List<StartOption> mode) {
        this.stage = stage;
        this.journal = journal;
        this.mode = mode;
    }

    String perform(String op, JsonNode action) {
        if (op.equals("sup")) {
            return start(action);
        }
        Pid supervisor = journal.pid("sup");
        if (supervisor == null) {
            return "exit:noproc"; // the supervisor was never started
        }
        return action.has("kind") && text(action, "kind").equals("dynamic")
                ? performDynamic(op, action, supervisor)
                : performStatic(op, action, supervisor);
    }

    private String performDynamic(String op, JsonNode action, Pid supervisor) {
        return switch (op) {
            case "sup_start_child" ->
                    startDynamicChild(
                            DynamicSupervisor.startChild(supervisor, child(action.get("child"))));
            case "sup_terminate_child" -> {
                Pid child = journal.pid(text(action, "id"));
                Pid named = child == null ? Processes.self() : stage.seen(child);
                yield word(DynamicSupervisor.terminateChild(supervisor, named));
            }
            case "sup_which" ->
                    DynamicSupervisor.whichChildren(supervisor).stream()
                            .map(child -> child.pid().map(journal::id).orElse("restarting"))
                            .sorted()
                            .collect(Collectors.joining(","));
            case "sup_count" -> word(DynamicSupervisor.countChildren(supervisor));
            default -> performStatic(op, action, supervisor);
        };
    }

    private String performStatic(String op, JsonNode action, Pid supervisor) {
        return switch (op) {
            case "sup_start_child" ->
                    startChild(Supervisor.startChild(supervisor, child(action.get("child"))));
            case "sup_terminate_child" ->
                    word(Supervisor.terminateChild(supervisor, text(action, "id")));
            case "sup_restart_child" ->
                    startChild(Supervisor.restartChild(supervisor, text(action, "id")));
            case "sup_delete_child" -> word(Supervisor.deleteChild(supervisor, text(action, "id")));
            case "sup_which" ->
                    Supervisor.whichChildren(supervisor).stream()
                            .map(SupervisorSteps::word)
                            .collect(Collectors.joining(","));
            case "sup_count" -> word(Supervisor.countChildren(supervisor));
            case "sup_stop" -> {
                GenServer.stop(supervisor, Words.reason(text(action, "reason")));
                yield "ok";
            }
            default -> throw new AssertionError("expected a known operation, got: " + action);
        };
    }

    private String start(JsonNode action) {
        Start<?> start =
                text(action, "kind").equals("dynamic") ? startDynamic(action) : startStatic(action);
        return switch (start) {
            case Start.Ok(Pid pid) -> {
                journal.bind("sup", pid);
                yield "ok";
            }
            case Start.Ignore<?> _ -> "ignore";
            case Start.Failed(ExitReason reason) -> "error:" + Words.of(reason);
        };
    }

    private static Start<?> startDynamic(JsonNode action) {
        DynamicSupervisorFlags flags =
                DynamicSupervisorFlags.DEFAULT.withMaxRestarts(
                        action.get("max_restarts").asInt(), PERIOD);
        return DynamicSupervisor.startLink(
                action.has("max_children") && action.get("max_children").isNumber()
                        ? flags.withMaxChildren(action.get("max_children").asInt())
                        : flags);
    }

    private Start<?> startStatic(JsonNode action) {
        List<ChildSpec<?>> children = new ArrayList<>();
        action.get("children").forEach(child -> children.add(child(child)));
        SupervisorFlags flags =
                SupervisorFlags.of(Strategy.valueOf(upper(action, "strategy")))
                        .withMaxRestarts(action.get("max_restarts").asInt(), PERIOD);
        if (action.has("auto_shutdown")) {
            flags = flags.withAutoShutdown(AutoShutdown.valueOf(upper(action, "auto_shutdown")));
        }
        return Supervisor.startLink(children, flags);
    }

    private ChildSpec<?> child(JsonNode spec) {
        String id = text(spec, "id");
        boolean trap = spec.get("trap").asBoolean();
        List<String> outcomes = new ArrayList<>();
        spec.get("init").forEach(outcome -> outcomes.add(outcome.asString()));
        Object slot = spec.get("slot").asInt();
        return ChildSpec.worker(
                        id,
                        () -> {
                            int generation = journal.generation(slot);
                            String init =
                                    generation < outcomes.size() ? outcomes.get(generation) : "ok";
                            return stage.start(
                                    true,
                                    new Probe.Argument(journal, id, trap, init),
                                    Optional.empty(),
                                    mode.toArray(StartOption[]::new));
                        })
                .withRestart(Restart.valueOf(upper(spec, "restart")))
                .withShutdown(shutdown(spec.get("shutdown")))
                .withSignificant(spec.has("significant") && spec.get("significant").asBoolean());
    }

    private static Shutdown shutdown(JsonNode value) {
        if (value.isNumber()) {
            return Shutdown.within(Duration.ofMillis(value.asLong() * SHUTDOWN_FACTOR));
        }
        return value.asString().equals("infinity") ? Shutdown.infinity() : Shutdown.brutalKill();
    }

    private static String startChild(Start<?> start) {
        return switch (start) {
            case Start.Ok<?> _ -> "ok";
            case Start.Ignore<?> _ -> "ok:undefined";
            case Start.Failed(ExitReason.AlreadyStarted _) -> "already_started";
            case Start.Failed(ExitReason reason) -> "error:" + Words.of(reason);
        };
    }

    private static String startDynamicChild(Start<?> start) {
        return start instanceof Start.Ignore ? "ignore" : startChild(start);
    }

    private static String word(Optional<ChildError> error) {
        return error.map(problem -> "error:" + problem).orElse("ok");
    }

    private static String word(Child child) {
        String state = child.restarting() ? "restarting" : "undefined";
        return child.id() + "=" + child.pid().map(_ -> "pid").orElse(state);
    }

    private static String word(ChildCount count) {
        return "specs=%d active=%d supervisors=%d workers=%d"
                .formatted(count.specs(), count.active(), count.supervisors(), count.workers());
    }

    private static String upper(JsonNode node, String field) {
        return text(node, field).toUpperCase(Locale.ROOT);
    }
}
