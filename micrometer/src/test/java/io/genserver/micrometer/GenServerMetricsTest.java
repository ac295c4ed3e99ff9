package io.genserver.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.Action;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ProcLib;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.spi.ClassNames;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class GenServerMetricsTest {

    /// What a server is asked or told to do.
    record Work(Supplier<@Nullable Object> body) {}

    static class Worker implements GenServer<String, String, Work, Work> {
        @Override
        public Init<String> init(String argument) {
            return Init.ok(argument);
        }

        @Override
        public CallResult<String> handleCall(Work work, From from, String state) {
            return CallResult.replyUntyped(work.body.get(), state);
        }

        @Override
        public CastResult<String> handleCast(Work work, String state) {
            return work.body.get() instanceof Action action
                    ? CastResult.noreply(state, action)
                    : CastResult.noreply(state);
        }

        @Override
        public CastResult<String> handleInfo(Object message, String state) {
            Object _ = ((Work) message).body.get();
            return CastResult.noreply(state);
        }

        @Override
        public CastResult<String> handleContinue(Object message, String state) {
            return CastResult.noreply(state);
        }
    }

    static final class Second extends Worker {}

    static final class Third extends Worker {}

    private static final String WORKER = Worker.class.getName();
    private static final Work NOTHING = new Work(() -> "");
    private static final Work CRASH =
            new Work(() -> {
                throw new UnsupportedOperationException("on purpose");
            });

    private final Node node = Node.start();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @AfterEach
    void closeNode() {
        node.close();
    }

    private GenServerMetrics bind(MeterRegistry to) {
        GenServerMetrics metrics = GenServerMetrics.builder().node(node).build();
        metrics.bindTo(to);
        return metrics;
    }

    private Pid start(Supplier<Worker> server, StartOption... options) {
        return node.call(() -> GenServer.start(server, "", options).pid());
    }

    private Pid start() {
        return start(Worker::new);
    }

    private double counted(String name, String... tags) {
        return registry.find(name).tags(tags).meters().stream()
                .flatMap(meter -> values(meter).stream())
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    private static List<Double> values(Meter meter) {
        List<Double> values = new ArrayList<>();
        meter.measure().forEach(measurement -> values.add(measurement.getValue()));
        return values;
    }

    // What is counted

    @Test
    void messages_are_counted_by_server_and_kind() {
        Pid early = start();
        try (GenServerMetrics _ = bind(registry)) {
            Pid late = start();
            for (Pid server : List.of(early, late)) {
                GenServer.callUntyped(server, NOTHING);
                GenServer.cast(server, new Work(() -> Action.continueWith("go on")));
                Processes.send(server, NOTHING);
                Processes.send(server, NOTHING);
                GenServer.callUntyped(server, NOTHING);
            }

            assertThat(handled("call")).isEqualTo(4);
            assertThat(handled("cast")).isEqualTo(2);
            assertThat(handled("info")).isEqualTo(4);
            assertThat(handled("continue")).isEqualTo(2);
        }
    }

    private double handled(String kind) {
        return counted("genserver.messages.handled", "server", WORKER, "kind", kind);
    }

    @Test
    void one_turn_in_64_is_timed() {
        try (GenServerMetrics _ = bind(registry)) {
            Pid server = start();
            for (int i = 0; i < 640; i++) {
                GenServer.callUntyped(server, NOTHING);
            }
            assertThat(registry.get("genserver.turn").tag("server", WORKER).timer().count())
                    .isEqualTo(10);
            assertThat(registry.get("genserver.mailbox.time").tag("server", WORKER).timer().count())
                    .isEqualTo(10);
        }
    }

    @Test
    void the_time_in_the_mailbox_is_that_of_the_message() {
        try (GenServerMetrics _ = bind(registry)) {
            Pid server = start();
            CountDownLatch free = new CountDownLatch(1);
            for (int i = 0; i < 63; i++) {
                GenServer.cast(server, NOTHING);
            }
            GenServer.cast(
                    server,
                    new Work(() -> {
                        try {
                            free.await();
                        } catch (InterruptedException interrupted) {
                            throw new IllegalStateException(interrupted);
                        }
                        return "";
                    }));
            GenServer.cast(server, NOTHING); // the turn that is timed
            Processes.sleep(Duration.ofMillis(50));
            free.countDown();
            GenServer.callUntyped(server, NOTHING);

            assertThat(
                            registry.get("genserver.mailbox.time")
                                    .tag("server", WORKER)
                                    .timer()
                                    .max(java.util.concurrent.TimeUnit.MILLISECONDS))
                    .isGreaterThanOrEqualTo(50);
        }
    }

    @Test
    void starts_ends_and_crashes_are_counted() {
        try (GenServerMetrics _ = bind(registry)) {
            GenServer.stop(start());
            Pid crashing = start();
            GenServer.cast(crashing, CRASH);
            String exception = UnsupportedOperationException.class.getName();

            await().until(() -> counted("genserver.processes.ended") == 2);
            assertThat(counted("genserver.processes.started", "server", WORKER)).isEqualTo(2);
            assertThat(counted("genserver.processes.ended", "server", WORKER, "reason", "normal"))
                    .isEqualTo(1);
            assertThat(counted("genserver.processes.ended", "server", WORKER, "reason", exception))
                    .isEqualTo(1);
            assertThat(counted("genserver.crashes", "server", WORKER, "exception", exception))
                    .isEqualTo(1);
        }
    }

    @Test
    void restarts_are_counted_by_supervisor_and_child() {
        try (GenServerMetrics _ = bind(registry)) {
            restartTooOften();

            String supervisor = Supervisor.class.getName();
            await().until(() -> counted("genserver.supervisor.gave.up") == 1);
            assertThat(counted("genserver.restarts", "supervisor", supervisor, "child", WORKER))
                    .isEqualTo(1);
            assertThat(
                            counted(
                                    "genserver.supervisor.gave.up",
                                    "supervisor",
                                    supervisor,
                                    "child",
                                    WORKER))
                    .isEqualTo(1);
        }
    }

    /// Has a supervisor restart a child once and then give up.
    private void restartTooOften() {
        Pid supervisor =
                node.call(() ->
                        Supervisor.start(
                                        List.of(
                                                ChildSpec.worker(
                                                        Worker.class,
                                                        () ->
                                                                GenServer.startLink(
                                                                        Worker::new, ""))),
                                        SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                                                .withMaxRestarts(1, Duration.ofMinutes(1)))
                                .pid());
        for (int i = 0; i < 2; i++) {
            Pid child =
                    await().until(
                                    () ->
                                            Supervisor.snapshot(supervisor)
                                                    .flatMap(it -> it.children().getFirst().pid())
                                                    .orElse(null),
                                    found -> found != null && Processes.isAlive(found));
            Processes.exit(child, ExitReason.KILL);
            await().until(() -> !Processes.isAlive(child));
        }
        await().until(() -> !Processes.isAlive(supervisor));
    }

    @Test
    void lost_messages_are_counted() {
        try (GenServerMetrics _ = bind(registry)) {
            Pid server = start();
            GenServer.stop(server);
            node.run(() -> Processes.send(server, NOTHING));

            assertThat(counted("genserver.dead.letters", "reason", "dead_process")).isEqualTo(1);
            assertThat(counted("genserver.dead.letters", "reason", "late_reply")).isZero();
        }
    }

    @Test
    void calls_that_time_out_are_counted() {
        try (GenServerMetrics _ = bind(registry)) {
            Pid server = start();
            CountDownLatch free = new CountDownLatch(1);
            timeOut(server, free);
            free.countDown();

            assertThat(
                            counted(
                                    "genserver.call.timeouts",
                                    "server",
                                    WORKER,
                                    "request",
                                    Work.class.getName()))
                    .isEqualTo(1);
        }
    }

    private void timeOut(Pid server, CountDownLatch free) {
        Work wait =
                new Work(() -> {
                    try {
                        free.await();
                    } catch (InterruptedException interrupted) {
                        throw new IllegalStateException(interrupted);
                    }
                    return "";
                });
        node.run(() ->
                assertThatThrownBy(() -> GenServer.callUntyped(server, wait, Duration.ofMillis(20)))
                        .isInstanceOf(CallException.class));
    }

    @Test
    void calls_are_timed_only_on_request() {
        try (GenServerMetrics _ = bind(registry)) {
            GenServer.callUntyped(start(), NOTHING);
            assertThat(registry.find("genserver.call").timers()).isEmpty();
        }
        try (GenServerMetrics metrics = GenServerMetrics.builder().node(node).calls().build()) {
            metrics.bindTo(registry);
            Pid server = start();
            node.run(() -> {
                GenServer.callUntyped(server, NOTHING);
                GenServer.callUntyped(server, NOTHING);
                assertThatThrownBy(() -> GenServer.callUntyped(server, CRASH))
                        .isInstanceOf(CallException.class);
                assertThatThrownBy(() -> GenServer.callUntyped(server, NOTHING))
                        .isInstanceOf(CallException.class);
            });
            assertThat(calls(WORKER, "success", "none")).isEqualTo(2);
            assertThat(calls(WORKER, "error", UnsupportedOperationException.class.getName()))
                    .isEqualTo(1);
            assertThat(calls("none", "error", "noproc")).isEqualTo(1);
        }
    }

    private long calls(String server, String outcome, String error) {
        return registry.get("genserver.call")
                .tags("server", server, "request", Work.class.getName())
                .tags("outcome", outcome, "error.type", error)
                .timer()
                .count();
    }

    @Test
    void a_long_turn_is_counted() {
        try (GenServerMetrics _ = bind(registry)) {
            takeLong(start(Worker::new, StartOption.nonBlocking()));

            await().until(() -> counted("genserver.turns.long", "server", WORKER) == 1);
        }
    }

    /// Has a server compute until that is reported.
    private void takeLong(Pid server) {
        GenServer.cast(
                server,
                new Work(() -> {
                    long end = System.nanoTime() + 10_000_000_000L;
                    while (counted("genserver.turns.long") == 0 && System.nanoTime() < end) {
                        Thread.onSpinWait();
                    }
                    return "";
                }));
    }

    // Gauges

    @Test
    void processes_mailboxes_and_timers_are_measured() {
        try (GenServerMetrics _ = bind(registry)) {
            Pid busy = start();
            Pid idle = start();
            CountDownLatch free = new CountDownLatch(1);
            timeOut(busy, free);
            for (int i = 0; i < 7; i++) {
                GenServer.cast(busy, NOTHING);
            }
            for (int i = 0; i < 1000; i++) {
                node.run(() -> Processes.sendAfter(idle, NOTHING, Duration.ofMinutes(10)));
            }
            await().until(() -> counted("genserver.processes", "status", "waiting") == 1);

            assertThat(counted("genserver.processes", "status", "running")).isEqualTo(1);
            assertThat(counted("genserver.processes", "status", "hibernating")).isZero();
            assertThat(counted("genserver.mailbox.max", "server", WORKER)).isEqualTo(7);
            assertThat(counted("genserver.timers.armed")).isBetween(1000.0, 1010.0);
            free.countDown();
            await().until(() -> counted("genserver.mailbox.max", "server", WORKER) == 0);
            GenServer.stop(idle); // and its timers
            assertThat(counted("genserver.timers.armed")).isLessThan(10);
        }
    }

    @Test
    void a_node_that_is_closed_leaves_no_meters() {
        registry.counter("of.somebody.else");
        try (GenServerMetrics metrics = bind(registry)) {
            GenServer.callUntyped(start(), NOTHING);
            node.close();
            assertThat(registry.getMeters())
                    .extracting(meter -> meter.getId().getName())
                    .containsExactly("of.somebody.else");
            SimpleMeterRegistry late = new SimpleMeterRegistry();
            assertThatThrownBy(() -> metrics.bindTo(late))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(late.getMeters()).isEmpty();
        }
    }

    // Tags

    private Set<String> servers() {
        Set<String> servers = new HashSet<>();
        for (Meter meter : registry.getMeters()) {
            String server = meter.getId().getTag("server");
            if (server != null) {
                servers.add(server);
            }
        }
        return servers;
    }

    @Test
    void a_tag_has_only_so_many_values() {
        try (GenServerMetrics metrics =
                GenServerMetrics.builder().node(node).maxTagValues(2).build()) {
            metrics.bindTo(registry);
            for (Supplier<Worker> server :
                    List.<Supplier<Worker>>of(Worker::new, Second::new, Third::new, Third::new)) {
                GenServer.callUntyped(start(server), NOTHING);
            }

            assertThat(servers())
                    .containsExactlyInAnyOrder(WORKER, Second.class.getName(), "other");
            assertThat(counted("genserver.messages.handled", "server", "other", "kind", "call"))
                    .isEqualTo(2);
            assertThat(counted("genserver.processes.started", "server", "other")).isEqualTo(2);
        }
    }

    @Test
    void names_that_a_program_makes_are_capped_and_take_no_place_from_a_class() {
        CountDownLatch free = new CountDownLatch(1);
        int early = 50;
        int all = 10_000;
        try (GenServerMetrics metrics =
                GenServerMetrics.builder().node(node).maxTagValues(3).build()) {
            node.run(() -> {
                for (int i = 0; i < early; i++) {
                    ProcLib.spawn("session-" + i, free::await);
                }
                metrics.bindTo(registry);
                for (int i = early; i < all; i++) {
                    ProcLib.spawn("session-" + i, () -> {});
                }
            });
            free.countDown();
            await().until(() -> counted("genserver.processes.ended") == all);
            GenServer.callUntyped(start(), NOTHING);
            GenServer.stop(start(Second::new));

            Set<String> servers = servers();
            assertThat(servers).hasSize(10 + 1 + 2).contains("other");
            servers.removeIf(name -> name.startsWith("session-"));
            assertThat(servers).containsExactlyInAnyOrder(WORKER, Second.class.getName(), "other");
            assertThat(counted("genserver.processes.ended", "server", "other")).isEqualTo(all - 10);
            assertThat(registry.find("genserver.mailbox.max").gauges()).hasSize(2);
            assertThat(registry.getMeters()).hasSizeLessThan(50);
        }
    }

    @Test
    void a_tag_needs_room_for_a_value() {
        assertThatThrownBy(() -> GenServerMetrics.builder().maxTagValues(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got: 0");
    }

    @Test
    void a_reason_is_a_word_or_a_class() {
        Map<ExitReason, String> words = new HashMap<>();
        words.put(ExitReason.KILLED, "killed");
        words.put(ExitReason.shutdown("secret"), "shutdown");
        words.put(ExitReason.of("secret"), "java.lang.String");
        words.put(new ExitReason.BadReturnValue("secret"), "bad_return_value");
        words.put(new ExitReason.NodeDown("secret"), "nodedown");
        words.put(
                new ExitReason.FailedCall(
                        new ExitReason.FailedCall(ExitReason.TIMEOUT, "secret"), "secret"),
                "timeout");
        words.put(new ExitReason.CallCycle(List.of()), "call_cycle");
        words.put(new ExitReason.AlreadyStarted(start()), "already_started");
        words.put(new ExitReason.Crash(new IOException("secret")), IOException.class.getName());

        words.forEach((reason, word) -> assertThat(ClassNames.of(reason)).isEqualTo(word));
    }

    // Nodes, registries, the end

    @Test
    void another_node_is_not_measured() {
        try (GenServerMetrics _ = bind(registry);
                Node other = Node.start()) {
            other.run(() -> {
                Pid server = GenServer.start(Worker::new, "").pid();
                GenServer.callUntyped(server, NOTHING);
                GenServer.stop(server);
            });
            assertThat(registry.find("genserver.processes.started").counters()).isEmpty();
            assertThat(registry.find("genserver.messages.handled").functionCounters()).isEmpty();
        }
    }

    @Test
    void nodes_in_one_registry_keep_their_meters_apart() {
        try (Node other = Node.start();
                GenServerMetrics _ = bind(registry)) {
            GenServerMetrics metrics = GenServerMetrics.builder().node(other).build();
            metrics.bindTo(registry);
            metrics.bindTo(registry); // once is enough
            GenServer.callUntyped(start(), NOTHING);
            other.run(() -> {
                Pid server = GenServer.start(Worker::new, "").pid();
                GenServer.callUntyped(server, NOTHING);
                GenServer.callUntyped(server, NOTHING);
                Processes.spawn(() -> Processes.sleep(Duration.ofMinutes(1)));
            });

            assertThat(counted("genserver.processes", "node", node.name())).isEqualTo(1);
            assertThat(counted("genserver.processes", "node", other.name())).isEqualTo(2);
            assertThat(counted("genserver.messages.handled", "node", node.name())).isEqualTo(1);
            assertThat(counted("genserver.messages.handled", "node", other.name())).isEqualTo(2);
            metrics.close();
            assertThat(registry.getMeters())
                    .isNotEmpty()
                    .allMatch(meter -> node.name().equals(meter.getId().getTag("node")));
            assertThat(counted("genserver.messages.handled")).isEqualTo(1);
        }
    }

    @Test
    void the_node_is_by_default_the_current_one() {
        node.run(() -> {
            try (GenServerMetrics metrics = new GenServerMetrics()) {
                metrics.bindTo(registry);
                GenServer.callUntyped(start(), NOTHING);
                assertThat(handled("call")).isEqualTo(1);
            }
        });
    }

    @Test
    void close_removes_the_meters_and_ends_the_counting() {
        SimpleMeterRegistry second = new SimpleMeterRegistry();
        registry.counter("of.somebody.else");
        GenServerMetrics metrics = GenServerMetrics.builder().node(node).calls().build();
        metrics.bindTo(registry);
        metrics.bindTo(second);
        Pid server = start();
        GenServer.callUntyped(server, NOTHING);
        assertThat(second.find("genserver.messages.handled").functionCounters()).isNotEmpty();
        metrics.close();
        metrics.close();
        GenServer.callUntyped(server, NOTHING);
        GenServer.callUntyped(start(Second::new), NOTHING);
        GenServer.stop(server);

        assertThat(second.getMeters()).isEmpty();
        assertThat(registry.getMeters())
                .extracting(meter -> meter.getId().getName())
                .containsExactly("of.somebody.else");
        assertThatThrownBy(() -> metrics.bindTo(registry))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void metrics_can_be_bound_again_by_new_ones() {
        bind(registry).close();
        try (GenServerMetrics _ = bind(registry)) {
            GenServer.callUntyped(start(), NOTHING);
            assertThat(handled("call")).isEqualTo(1);
        }
    }

    // The dashboard

    private static final Pattern METRIC = Pattern.compile("genserver_[a-z_]+");
    private static final String CHOSEN = "{instance=~\"$instance\",node=~\"$node\"}";
    private static final Pattern SAMPLE =
            Pattern.compile("(?m)^([a-z_]+)(?:\\{([^}]*)})? [-+0-9.eEInfNa]+$");

    @Test
    void each_metric_and_label_of_the_dashboard_is_in_a_scrape() throws IOException {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Map<String, Set<String>> scraped;
        try (GenServerMetrics metrics = GenServerMetrics.builder().node(node).calls().build()) {
            metrics.bindTo(prometheus);
            metrics.bindTo(registry);
            everythingHappens();
            scraped = labels(prometheus.scrape());
        }

        Set<String> used = new TreeSet<>();
        for (JsonNode panel : dashboard().get("panels")) {
            for (JsonNode target : panel.path("targets")) {
                String query = target.get("expr").asString();
                Matcher metric = METRIC.matcher(query);
                while (metric.find()) {
                    used.add(metric.group());
                    assertThat(scraped).as(query).containsKey(metric.group());
                    assertThat(scraped.get(metric.group()))
                            .as(query)
                            .contains("node")
                            .containsAll(grouping(query));
                    assertThat(query).contains(metric.group() + CHOSEN);
                }
            }
        }
        Set<String> published = new TreeSet<>(scraped.keySet());
        published.removeIf(name -> !name.startsWith("genserver_"));
        assertThat(used).isEqualTo(published);
    }

    private static JsonNode dashboard() throws IOException {
        try (InputStream file =
                GenServerMetrics.class.getResourceAsStream("grafana-dashboard.json")) {
            return JsonMapper.shared().readTree(file);
        }
    }

    /// Returns the labels by which a query groups.
    private static List<String> grouping(String query) {
        List<String> labels = new ArrayList<>();
        Matcher by = Pattern.compile("by \\(([a-z_, ]+)\\)").matcher(query);
        while (by.find()) {
            labels.addAll(List.of(by.group(1).split(", ")));
        }
        labels.remove("instance"); // Prometheus itself adds it
        return labels;
    }

    /// Parses Prometheus' text format: the names of the samples and their labels.
    private static Map<String, Set<String>> labels(String scrape) {
        Map<String, Set<String>> found = new TreeMap<>();
        Matcher sample = SAMPLE.matcher(scrape);
        int samples = 0;
        while (sample.find()) {
            samples++;
            Set<String> labels = found.computeIfAbsent(sample.group(1), _ -> new TreeSet<>());
            if (sample.group(2) != null) {
                Matcher label = Pattern.compile("([a-z_]+)=\"").matcher(sample.group(2));
                while (label.find()) {
                    labels.add(label.group(1));
                }
            }
        }
        assertThat(samples)
                .isEqualTo(
                        scrape.lines()
                                .filter(line -> !line.startsWith("#") && !line.isBlank())
                                .count());
        return found;
    }

    private void everythingHappens() {
        Pid server = start(Worker::new, StartOption.nonBlocking());
        node.run(() -> GenServer.callUntyped(server, NOTHING));
        CountDownLatch free = new CountDownLatch(1);
        Pid slow = start();
        timeOut(slow, free);
        free.countDown();
        restartTooOften();
        takeLong(server);
        GenServer.cast(server, CRASH);
        await().until(() -> counted("genserver.crashes", "server", WORKER) == 1);
        assertThat(counted("genserver.turns.long")).isEqualTo(1);
    }

    @Test
    void no_tag_holds_anything_of_a_message_or_the_name_of_a_process() {
        try (GenServerMetrics metrics = GenServerMetrics.builder().node(node).calls().build()) {
            metrics.bindTo(registry);
            Pid server = start(Worker::new, StartOption.name("secret"));
            node.run(() -> {
                GenServer.callUntyped(server, NOTHING);
                assertThatThrownBy(() -> GenServer.callUntyped(server, CRASH))
                        .isInstanceOf(CallException.class);
            });
            for (Meter meter : registry.getMeters()) {
                assertThat(meter.getId().getTag("node")).isEqualTo(node.name());
                for (Tag tag : Tags.of(meter.getId().getTags()).and("node", "node")) {
                    assertThat(tag.getValue())
                            .matches("[a-z_]+|(io\\.genserver|java)\\.[A-Za-z.$]+")
                            .doesNotContain("secret", "purpose");
                }
            }
        }
    }
}
