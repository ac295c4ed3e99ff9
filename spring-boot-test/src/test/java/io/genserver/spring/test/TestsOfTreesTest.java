package io.genserver.spring.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.genserver.CallException;
import io.genserver.GenServer;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.spring.GenServerAutoConfiguration;
import io.genserver.spring.test.App.Counter;
import io.genserver.supervisor.ChildSpec;
import io.genserver.test.TestSupervisor;
import io.genserver.test.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;

/// Runs tests that fail, and tests in parallel.
@Timeout(60)
class TestsOfTreesTest {

    private static EngineExecutionResults run(Class<?>... tests) {
        EngineTestKit.Builder kit =
                EngineTestKit.engine("junit-jupiter")
                        .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                        .configurationParameter(
                                "junit.jupiter.execution.parallel.mode.default", "concurrent")
                        .configurationParameter(
                                "junit.jupiter.execution.parallel.config.strategy", "fixed")
                        .configurationParameter(
                                "junit.jupiter.execution.parallel.config.fixed.parallelism", "4");
        for (Class<?> test : tests) {
            kit.selectors(selectClass(test));
        }
        return kit.execute();
    }

    private static List<String> failures(Class<?> tests) {
        List<String> failures = new ArrayList<>();
        run(tests).testEvents().failed().stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .forEach(result ->
                        result.getThrowable().ifPresent(thrown -> failures.add(thrown.toString())));
        return failures;
    }

    private static void crash(Server<Counter> counter) {
        assertThatThrownBy(() -> GenServer.call(counter, new Counter.Crash()))
                .isInstanceOf(CallException.class);
    }

    @SpringBootTest(classes = App.class)
    @GenServerTest
    static class InParallel {

        @Autowired Server<Counter> counter;

        @RepeatedTest(20)
        void counts() {
            for (int expected = 1; expected < 50; expected++) {
                assertThat(App.next(counter)).isEqualTo(expected);
            }
        }
    }

    static class AlsoInParallel extends InParallel {}

    @Test
    void tests_in_parallel_do_not_see_each_other() {
        run(InParallel.class, AlsoInParallel.class)
                .testEvents()
                .assertStatistics(statistics -> statistics.started(40).succeeded(40));
    }

    @SpringBootTest(classes = App.class)
    @GenServerTest
    static class Crashing {

        @Autowired Server<Counter> counter;

        @Test
        void crashes() {
            crash(counter);
        }

        @Test
        void crashes_as_expected(TestSupervisor test) {
            test.expectCrash(Server.named("counter", Counter.class));
            crash(counter);
        }
    }

    @Test
    void a_crash_of_the_tree_fails_its_test() {
        assertThat(failures(Crashing.class))
                .singleElement()
                .asString()
                .contains("expected no process to crash", "the disk is full");
    }

    @SpringBootTest(classes = App.class)
    static class WithoutAnnotation {

        @Autowired Server<Counter> counter;

        @RepeatedTest(2)
        void finds_the_tree_running() {
            assertThat(App.next(counter)).isPositive();
            assertThat(Processes.isProcess()).isFalse();
        }
    }

    @Test
    void the_tree_runs_after_the_tests() {
        run(InParallel.class).testEvents().assertStatistics(all -> all.succeeded(20));

        assertThat(failures(WithoutAnnotation.class)).isEmpty();
    }

    @Configuration(proxyBeanMethods = false)
    static class Plain {
        @Bean
        ChildSpec<Counter> counter() {
            return new App().counter();
        }
    }

    @SpringJUnitConfig(Plain.class)
    @GenServerTest
    static class WithoutTree {

        @Test
        void does_not_begin() {
            throw new AssertionError("expected not to run");
        }
    }

    @Test
    void a_context_without_a_tree_is_rejected() {
        assertThat(failures(WithoutTree.class))
                .singleElement()
                .asString()
                .contains("@ImportAutoConfiguration(GenServerAutoConfiguration.class)");
    }

    @SpringJUnitConfig(Plain.class)
    @ImportAutoConfiguration(GenServerAutoConfiguration.class)
    @GenServerTest
    static class Slice {

        @Autowired Server<Counter> counter;

        @Test
        void has_a_tree() {
            assertThat(Processes.whereis("counter")).contains(counter.pid());
        }

        @Test
        @VirtualTime
        void has_no_virtual_time() {
            throw new AssertionError("expected not to run");
        }
    }

    @Test
    void a_slice_may_import_the_tree_but_has_no_virtual_time() {
        assertThat(failures(Slice.class)).singleElement().asString().contains("@VirtualTime");
    }
}
