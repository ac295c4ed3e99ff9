package io.genserver.test;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/// Runs a class of tests inside a test, on a thread named `inner tests`. The test's own thread
/// cannot run them, because it is a process already and each inner test makes its thread a process.
final class InnerTests {

    /// Entries that the inner tests write for the test that runs them.
    static final List<String> SEEN = new CopyOnWriteArrayList<>();

    private final EngineExecutionResults results;

    private InnerTests(EngineExecutionResults results) {
        this.results = results;
    }

    static InnerTests run(Class<?> tests) {
        return run(tests, false, Map.of());
    }

    /// Runs a class with configuration parameters of JUnit.
    static InnerTests run(Class<?> tests, Map<String, String> configuration) {
        return run(tests, false, configuration);
    }

    static InnerTests runInParallel(Class<?> tests) {
        return run(tests, true, Map.of());
    }

    private static InnerTests run(
            Class<?> tests, boolean inParallel, Map<String, String> configuration) {
        SEEN.clear();
        Supplier<EngineExecutionResults> run =
                () ->
                        EngineTestKit.engine("junit-jupiter")
                                .selectors(selectClass(tests))
                                .configurationParameter(
                                        "junit.jupiter.execution.parallel.enabled",
                                        Boolean.toString(inParallel))
                                .configurationParameter(
                                        "junit.jupiter.execution.parallel.config.executor-service",
                                        "FORK_JOIN_POOL")
                                .configurationParameter(
                                        "junit.jupiter.execution.parallel.config.strategy", "fixed")
                                .configurationParameter(
                                        "junit.jupiter.execution.parallel.config.fixed.parallelism",
                                        "2")
                                .configurationParameters(configuration)
                                .execute();
        return new InnerTests(
                CompletableFuture.supplyAsync(
                                run, task -> Thread.ofPlatform().name("inner tests").start(task))
                        .join());
    }

    EngineExecutionResults results() {
        return results;
    }

    /// Returns each failed test or class in order, with its name and the throwable.
    List<String> failures() {
        return results.allEvents()
                .failed()
                .map(event -> event.getTestDescriptor().getDisplayName() + ": " + thrown(event))
                .toList();
    }

    /// Returns what [#failures] does, with the same text for every pid.
    List<String> failuresWithoutPids() {
        return failures().stream().map(InnerTests::withoutPids).toList();
    }

    /// Returns a text with the same text for every pid.
    static String withoutPids(String text) {
        return text.replaceAll("#PID<[0-9.]+>", "#PID");
    }

    /// Returns what a failed test or class threw.
    Throwable thrownBy(String displayName) {
        return results.allEvents()
                .failed()
                .filter(event -> event.getTestDescriptor().getDisplayName().equals(displayName))
                .map(InnerTests::thrown)
                .findFirst()
                .orElseThrow();
    }

    /// Returns what the only failed test or class threw.
    Throwable failure() {
        List<Throwable> all = results.allEvents().failed().map(InnerTests::thrown).toList();
        if (all.size() != 1) {
            throw new AssertionError("expected one failure, got: " + failures());
        }
        return all.getFirst();
    }

    List<String> succeeded() {
        return results.testEvents()
                .succeeded()
                .map(event -> event.getTestDescriptor().getDisplayName())
                .toList();
    }

    private static Throwable thrown(Event event) {
        return event.getRequiredPayload(TestExecutionResult.class).getThrowable().orElseThrow();
    }
}
