package io.genserver.stress;

import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.stress.Findings.Count;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.KeyedSupervisor;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// The supervisors of a run and their children. A supervisor whose own turn finds the heap full
/// ends, as any server does. Then the root is started again.
final class Tree {

    static final int CHILDREN = 8;
    static final String ROOT = "stress-root";
    static final String KEYED = "stress-keyed";
    private static final String DYNAMIC = "stress-dynamic";

    private static final SupervisorFlags FLAGS =
            SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                    .withMaxRestarts(Integer.MAX_VALUE, Duration.ofSeconds(1));

    private final Findings findings;
    private final Keys keys;
    private final KeyedSupervisor<Integer, Echo> keyed;
    private final List<ChildSpec<?>> children = new ArrayList<>();
    private final Map<String, Integer> ends = new ConcurrentHashMap<>();

    Tree(Findings findings) {
        this.findings = findings;
        this.keys = new Keys(findings);
        this.keyed =
                KeyedSupervisor.of(KEYED, (Integer key) -> new Echo(findings, keys, key))
                        .withIdleTimeout(Duration.ofMillis(20))
                        .withLimit(Keys.MANY / 2, KeyedSupervisor.AtLimit.PASSIVATE);
        for (int i = 0; i < CHILDREN; i++) {
            String name = child(i);
            boolean blocks = i % 2 == 0;
            children.add(ChildSpec.worker(name, () -> startChild(name, blocks)));
        }
        children.add(
                DynamicSupervisor.childSpec(
                        DYNAMIC, DynamicSupervisorFlags.DEFAULT, StartOption.name(DYNAMIC)));
        children.add(keyed.childSpec());
    }

    static String child(int number) {
        return "stress-child-" + number;
    }

    static ServerRef dynamic() {
        return ServerRef.name(DYNAMIC);
    }

    Server<Echo> ofKey(int key) {
        return keyed.server(key);
    }

    private Start<Echo> startChild(String name, boolean blocks) {
        return blocks
                ? GenServer.startLink(this::echo, Ok.OK, StartOption.name(name))
                : GenServer.startLink(
                        this::echo, Ok.OK, StartOption.name(name), StartOption.nonBlocking());
    }

    Echo echo() {
        return new Echo(findings, keys, -1);
    }

    ChildSpec<Echo> temporary(boolean blocks) {
        return ChildSpec.worker(
                        Echo.class,
                        () ->
                                blocks
                                        ? GenServer.startLink(this::echo, Ok.OK)
                                        : GenServer.startLink(
                                                this::echo, Ok.OK, StartOption.nonBlocking()))
                .withRestart(Restart.TEMPORARY);
    }

    /// Starts the root if it does not run.
    void ensureStarted() {
        Optional<Pid> root = Processes.whereis(ROOT);
        if (root.isEmpty()
                && Supervisor.start(children, FLAGS, StartOption.name(ROOT))
                        instanceof Start.Ok<?> started) {
            findings.count(Count.TREES_STARTED);
            CompletableFuture<Void> _ = Processes.exitOf(started.pid()).thenAccept(this::ended);
        }
    }

    private void ended(ExitReason reason) {
        ends.merge(reason.cause() == null ? reason.toString() : kind(reason), 1, Integer::sum);
    }

    private static String kind(ExitReason reason) {
        return String.valueOf(reason.cause()).replaceAll(":.*", "");
    }

    void stop() {
        Processes.whereis(ROOT).ifPresent(Supervisor::stop);
    }

    /// Returns how often the root has ended for which reasons.
    Map<String, Integer> ends() {
        return ends;
    }
}
