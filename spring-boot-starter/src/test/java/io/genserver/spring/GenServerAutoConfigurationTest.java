package io.genserver.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.KeyedSupervisor;
import io.genserver.supervisor.ProcessRegistry;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.Supervisor;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.task.AsyncTaskExecutor;

@ExtendWith(OutputCaptureExtension.class)
@Timeout(60)
class GenServerAutoConfigurationTest {

    private static final ApplicationContextRunner RUNNER =
            new ApplicationContextRunner()
                    .withConfiguration(
                            AutoConfigurations.of(
                                    GenServerAutoConfiguration.class,
                                    TaskExecutionAutoConfiguration.class,
                                    ApplicationAvailabilityAutoConfiguration.class));

    @Configuration(proxyBeanMethods = false)
    static class One {
        @Bean
        ChildSpec<Counter> counter() {
            return Counter.spec(Counter.class);
        }

        @Bean
        Client client(Server<Counter> counter) {
            return new Client(counter);
        }
    }

    record Client(Server<Counter> counter) {
        int next() {
            return Counter.next(counter);
        }
    }

    private static List<Object> ids(SupervisionTree tree) {
        return Supervisor.whichChildren(tree.supervisor()).reversed().stream()
                .map(Child::id)
                .toList();
    }

    private static void kill(Pid pid) throws Exception {
        var end = Processes.exitOf(pid);
        Processes.exit(pid, ExitReason.KILL);
        ExitReason _ = end.get();
    }

    // Children and references

    @Test
    void a_child_is_a_bean_and_so_is_the_reference_to_it(CapturedOutput output) {
        RUNNER.withUserConfiguration(One.class)
                .run(context -> {
                    Client client = context.getBean(Client.class);

                    assertThat(client.next()).isEqualTo(1);
                    kill(client.counter().pid());
                    await().ignoreException(CallException.class)
                            .untilAsserted(() -> assertThat(client.next()).isEqualTo(1));
                });

        assertThat(output).containsPattern("started 1 child on node \\S+ in \\d+ ms: counter");
        assertThat(output).containsPattern("stopped the supervision tree on node");
    }

    @Configuration(proxyBeanMethods = false)
    static class Several {
        @Bean
        ChildSpec<Counter> third() {
            return Counter.spec("third");
        }

        @Bean
        ChildSpec<Counter> fourth() {
            return Counter.spec("fourth");
        }

        @Bean
        @Order(2)
        KeyedSupervisor<String, Counter> second() {
            return KeyedSupervisor.of("second", (String _) -> new Counter());
        }

        @Bean
        @Order(1)
        ProcessRegistry<String, Integer> first() {
            return ProcessRegistry.unique("first");
        }

        @Bean
        List<Server<Counter>> qualified(
                @Qualifier("third") Server<Counter> one, Server<Counter> fourthServer) {
            return List.of(one, fourthServer);
        }
    }

    @Test
    void children_start_in_the_order_of_the_beans() {
        RUNNER.withUserConfiguration(Several.class)
                .run(context -> {
                    SupervisionTree tree = context.getBean(SupervisionTree.class);

                    assertThat(ids(tree)).containsExactly("first", "second", "third", "fourth");
                });
    }

    @Test
    @SuppressWarnings("unchecked")
    void the_name_of_the_child_qualifies_its_reference() {
        RUNNER.withUserConfiguration(Several.class)
                .run(context -> {
                    var both = (List<Server<Counter>>) context.getBean("qualified");

                    assertThat(Counter.next(both.getFirst())).isEqualTo(1);
                    assertThat(Counter.next(both.getFirst())).isEqualTo(2);
                    assertThat(Counter.next(both.getLast())).isEqualTo(1);
                });
    }

    @Test
    @SuppressWarnings("unchecked")
    void a_keyed_supervisor_is_found_on_the_node() {
        RUNNER.withUserConfiguration(Several.class)
                .run(context -> {
                    Node node = context.getBean(Node.class);
                    var keyed = (KeyedSupervisor<String, Counter>) context.getBean("second");

                    assertThat(
                                    node.<Integer, RuntimeException>call(
                                            () -> Counter.next(keyed.server("a"))))
                            .isEqualTo(1);
                    assertThat(Counter.next(keyed.server("a").on(node))).isEqualTo(2);
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnSpecification {
        @Bean
        KeyedSupervisor<String, Counter> keyed() {
            return KeyedSupervisor.of("keyed", (String _) -> new Counter());
        }

        @Bean
        ChildSpec<KeyedSupervisor<String, Counter>> child(KeyedSupervisor<String, Counter> keyed) {
            return keyed.childSpec().withShutdown(Shutdown.brutalKill());
        }
    }

    @Test
    void a_specification_replaces_that_of_a_keyed_supervisor() {
        RUNNER.withUserConfiguration(OwnSpecification.class)
                .run(context ->
                        assertThat(ids(context.getBean(SupervisionTree.class)))
                                .containsExactly("keyed"));
    }

    @Configuration(proxyBeanMethods = false)
    static class Untyped {
        @Bean
        ChildSpec<?> counter() {
            return Counter.spec(Counter.class);
        }

        @Bean
        Client client(Server<Counter> counter) {
            return new Client(counter);
        }
    }

    @Test
    void a_specification_without_a_type_has_a_reference_too() {
        RUNNER.withUserConfiguration(Untyped.class)
                .run(context -> assertThat(context.getBean(Client.class).next()).isEqualTo(1));
    }

    @Configuration(proxyBeanMethods = false)
    static class Impatient {
        @Bean
        ChildSpec<Counter> counter() {
            return Counter.spec(Counter.class);
        }

        @Bean
        Integer first(Server<Counter> counter) {
            return Counter.next(counter);
        }
    }

    @Test
    void a_call_from_a_constructor_says_when_the_tree_starts() {
        RUNNER.withUserConfiguration(Impatient.class)
                .run(context ->
                        assertThat(context)
                                .getFailure()
                                .rootCause()
                                .isInstanceOfSatisfying(
                                        CallException.class,
                                        failed ->
                                                assertThat(failed.serverReason())
                                                        .isEqualTo(ExitReason.NOPROC))
                                .hasMessageContaining("from an ApplicationRunner"));
    }

    @Test
    void an_application_without_children_starts() {
        RUNNER.run(context -> assertThat(context).hasSingleBean(SupervisionTree.class));
    }

    @Test
    void a_disabled_tree_has_no_beans() {
        RUNNER.withPropertyValues("genserver.enabled=false")
                .run(context ->
                        assertThat(context)
                                .doesNotHaveBean(SupervisionTree.class)
                                .doesNotHaveBean(Node.class));
    }

    // Nodes

    @Test
    void two_contexts_use_the_same_names() {
        ApplicationContextRunner named =
                RUNNER.withPropertyValues("spring.application.name=shop")
                        .withBean("named", ChildSpec.class, GenServerAutoConfigurationTest::named);
        named.run(one ->
                named.run(two -> {
                    assertThat(one.getBean(Node.class).name()).isEqualTo("shop");
                    assertThat(two.getBean(Node.class).name()).isEqualTo("shop-2");
                    assertThat(one.getBean(Server.class).pid())
                            .isNotEqualTo(two.getBean(Server.class).pid());
                }));
        named.run(next -> assertThat(next.getBean(Node.class).name()).isEqualTo("shop"));
    }

    private static ChildSpec<Counter> named() {
        return Counter.spec(Counter.class, StartOption.name("counter"));
    }

    @Test
    void the_node_has_the_name_of_the_property() {
        RUNNER.withPropertyValues("spring.application.name=a", "genserver.node-name=b")
                .run(context -> assertThat(context.getBean(Node.class).name()).isEqualTo("b"));
    }

    @Test
    void tasks_of_the_executor_act_on_the_node() {
        RUNNER.run(context -> {
            Node node = context.getBean(Node.class);
            var executor = context.getBean(AsyncTaskExecutor.class);

            assertThat(executor.submit(Node::current).get()).isSameAs(node);
        });
    }

    @Test
    void what_was_started_outside_of_the_tree_ends_with_the_context() {
        Pid[] outside = new Pid[1];
        RUNNER.run(context ->
                outside[0] =
                        context.getBean(Node.class)
                                .<Pid, RuntimeException>call(() ->
                                        Processes.spawn(() ->
                                                Processes.receive(_ -> null, GenServer.INFINITY))));

        assertThat(Processes.isAlive(outside[0])).isFalse();
    }

    // Start

    @Test
    void a_child_that_does_not_start_explains_itself() {
        RUNNER.withBean(
                        "broken",
                        ChildSpec.class,
                        () ->
                                ChildSpec.worker(
                                        "broken",
                                        () ->
                                                new Start.Failed<Counter>(
                                                        ExitReason.of(
                                                                new IllegalStateException(
                                                                        "the disk is full")))))
                .run(context -> {
                    var analysis = analysis(context.getStartupFailure());

                    assertThat(analysis.getDescription())
                            .startsWith("The child of the bean 'broken'")
                            .endsWith(
                                    "did not start: java.lang.IllegalStateException: the disk is"
                                            + " full");
                    assertThat(analysis.getAction()).contains("handleContinue");
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class SameName {
        @Bean
        ChildSpec<Counter> one() {
            return Counter.spec("one", StartOption.name("counter"));
        }

        @Bean
        ChildSpec<Counter> other() {
            return Counter.spec("other", StartOption.name("counter"));
        }
    }

    @Test
    void a_name_that_is_taken_is_explained() {
        RUNNER.withUserConfiguration(SameName.class)
                .run(context -> {
                    var analysis = analysis(context.getStartupFailure());

                    assertThat(analysis.getDescription())
                            .contains("child of the bean 'other' (")
                            .contains(SameName.class.getName())
                            .contains("(already_started)")
                            .containsPattern(
                                    "The name 'counter' belongs to #PID<\\S+, which runs"
                                            + " io.genserver.spring.Counter as the child of the"
                                            + " bean 'one' \\(");
                    assertThat(analysis.getAction()).contains("StartOption.name");
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class SameId {
        @Bean
        ChildSpec<Counter> one() {
            return Counter.spec(Counter.class);
        }

        @Bean
        ChildSpec<Counter> other() {
            return Counter.spec(Counter.class);
        }
    }

    @Test
    void two_children_with_one_id_are_explained() {
        RUNNER.withUserConfiguration(SameId.class)
                .run(context -> {
                    var analysis = analysis(context.getStartupFailure());

                    assertThat(analysis.getDescription())
                            .contains("'one' (", "'other' (", "same id: ", Counter.class.getName());
                    assertThat(analysis.getAction()).contains("ChildSpec.withId");
                });
    }

    private static FailureAnalysis analysis(@Nullable Throwable failure) {
        return Objects.requireNonNull(
                new TreeStartFailureAnalyzer().analyze(Objects.requireNonNull(failure)));
    }

    @Test
    void properties_are_checked() {
        for (String property :
                List.of(
                        "genserver.max-restarts=-1",
                        "genserver.max-seconds=0",
                        "genserver.node-name= ",
                        "genserver.shutdown-timeout=-1s")) {
            RUNNER.withPropertyValues(property)
                    .run(context ->
                            assertThat(context)
                                    .getFailure()
                                    .rootCause()
                                    .isInstanceOfSatisfying(
                                            InvalidConfigurationPropertyValueException.class,
                                            failed ->
                                                    assertThat(property)
                                                            .startsWith(failed.getName())));
        }
    }

    // Stop

    @Test
    void a_tree_that_does_not_stop_in_time_is_killed(CapturedOutput output) {
        CountDownLatch stopping = new CountDownLatch(1);
        Pid[] stubborn = new Pid[1];
        RUNNER.withPropertyValues("genserver.shutdown-timeout=100ms")
                .withBean("stubborn", ChildSpec.class, () -> stubborn(stopping))
                .run(context -> stubborn[0] = context.getBean(Server.class).pid());

        assertThat(stopping.getCount()).isZero();
        assertThat(Processes.isAlive(stubborn[0])).isFalse();
        assertThat(output)
                .contains("is killed, because it did not stop in time (timeout)")
                .contains(stubborn[0] + " (" + Stubborn.class.getName() + ")");
    }

    private static ChildSpec<Stubborn> stubborn(CountDownLatch stopping) {
        return ChildSpec.worker(
                        Stubborn.class,
                        () ->
                                GenServer.startLink(
                                        Stubborn::new, stopping, StartOption.terminateOnExit()))
                .withShutdown(Shutdown.infinity());
    }

    static final class Stubborn
            implements GenServer<CountDownLatch, CountDownLatch, Object, Object> {
        @Override
        public Init<CountDownLatch> init(CountDownLatch stopping) {
            return Init.ok(stopping);
        }

        @Override
        public void terminate(ExitReason reason, CountDownLatch stopping) throws Exception {
            stopping.countDown();
            Thread.sleep(Duration.ofHours(1));
        }
    }

    @Test
    void a_paused_context_starts_its_tree_again() {
        RUNNER.withUserConfiguration(One.class)
                .run(context -> {
                    Client client = context.getBean(Client.class);
                    assertThat(client.next()).isEqualTo(1);
                    var pausable = context.getSourceApplicationContext();

                    pausable.pause();
                    assertThatThrownBy(client::next)
                            .hasMessageContaining("has not started it or has stopped");
                    pausable.restart();

                    assertThat(client.next()).isEqualTo(1);
                });
    }

    // The root supervisor gives up

    private static void crash(Client client) {
        await().until(() -> {
            try {
                GenServer.call(client.counter(), new Counter.Crash());
            } catch (CallException crashed) {
                return crashed.serverReason() instanceof ExitReason.Crash;
            }
            return false;
        });
    }

    @Test
    void an_application_without_its_tree_is_not_live(CapturedOutput output) {
        RUNNER.withUserConfiguration(One.class)
                .withPropertyValues("genserver.max-restarts=0")
                .run(context -> {
                    var availability = context.getBean(ApplicationAvailability.class);
                    SupervisionTree tree = context.getBean(SupervisionTree.class);

                    crash(context.getBean(Client.class));

                    await().until(() -> availability.getLivenessState() == LivenessState.BROKEN);
                    assertThat(tree.isRunning()).isFalse();
                    assertThat(new TreeHealthIndicator(tree).health().getStatus().getCode())
                            .isEqualTo("DOWN");
                    tree.start();
                    assertThat(availability.getLivenessState()).isEqualTo(LivenessState.CORRECT);
                    assertThat(context.getBean(Client.class).next()).isEqualTo(1);
                });
        assertThat(output)
                .contains(
                        "more than 0 restarts in PT5S, the last one of the child "
                                + Counter.class.getName())
                .contains("crashed on request")
                .contains("genserver.on-give-up = HEALTH");
    }

    @Test
    void a_context_closes_with_its_tree() {
        RUNNER.withUserConfiguration(One.class)
                .withPropertyValues("genserver.max-restarts=0", "genserver.on-give-up=close")
                .run(context -> {
                    crash(context.getBean(Client.class));

                    await().until(() -> !context.getSourceApplicationContext().isActive());
                });
    }
}
