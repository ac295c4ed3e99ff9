package io.genserver.test;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.genserver.Agent;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The log lines of a test's processes belong to the test.
@Timeout(30)
class CapturedLogTest {

    private static final Logger LOG = LoggerFactory.getLogger("shop");

    private static void logIn(Pid agent, String line) {
        Agent.<Integer>update(
                agent,
                n -> {
                    LOG.info("{}", line);
                    return n;
                });
    }

    @Test
    void is_asserted_on_and_shown_when_the_test_fails_and_printed_otherwise() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        ListAppender<ILoggingEvent> printed = new ListAppender<>();
        printed.setContext(context);
        printed.start();
        context.getLogger("shop").addAppender(printed);
        try {
            InnerTests inner = InnerTests.run(Logs.class);

            assertThat(inner.failures())
                    .containsExactly(
                            "c_fails(TestSupervisor): java.lang.AssertionError: on purpose",
                            "d_fails_without_a_line(): java.lang.AssertionError: on purpose");
            assertThat(inner.succeeded()).hasSize(2);
            assertThat(inner.thrownBy("d_fails_without_a_line()").getSuppressed())
                    .extracting(Throwable::toString)
                    .containsExactly("io.genserver.test.CapturedLog: the test has logged nothing");
            assertThat(inner.thrownBy("c_fails(TestSupervisor)").getSuppressed())
                    .extracting(Throwable::toString)
                    .containsExactly(
                            """
                            io.genserver.test.CapturedLog: the log of the test:
                            INFO shop - by the test
                            INFO shop - by a server\
                            """);
            assertThat(printed.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactly("by the test", "by a server");
        } finally {
            context.getLogger("shop").detachAppender(printed);
        }
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class Logs {

        private static void log(TestSupervisor test) {
            Pid agent = test.startSupervised(() -> Agent.startLink(() -> 1)).pid();
            LOG.info("by the test");
            LOG.debug("below the level");
            logIn(agent, "by a server");
        }

        @Test
        void a_asserts(TestSupervisor test) {
            log(test);
            assertThat(test.capturedLog())
                    .containsExactly("INFO shop - by the test", "INFO shop - by a server");
        }

        @Test
        @CaptureLog
        void b_keeps_back(TestSupervisor test) {
            log(test);
        }

        @Test
        @CaptureLog
        void c_fails(TestSupervisor test) {
            log(test);
            throw new AssertionError("on purpose");
        }

        @Test
        @CaptureLog
        void d_fails_without_a_line() {
            throw new AssertionError("on purpose");
        }
    }

    @Test
    void of_what_the_class_has_started_is_shown_by_a_test_that_fails_meanwhile() {
        InnerTests inner = InnerTests.run(OfClass.class);

        assertThat(inner.thrownBy("b_fails(TestSupervisor)").getSuppressed())
                .extracting(Throwable::toString)
                .containsExactly(
                        """
                        io.genserver.test.CapturedLog: the log of the test:
                        INFO shop - by the server of the class in b
                        INFO shop - by the test\
                        """);
        assertThat(inner.failures())
                .containsExactly("b_fails(TestSupervisor): java.lang.AssertionError: on purpose");
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    @CaptureLog
    static class OfClass {
        private static final String OF_CLASS = "of class";

        @BeforeAll
        static void start(TestSupervisor tests) {
            Pid agent =
                    tests.startSupervised(
                                    () -> Agent.startLink(() -> 1, StartOption.name(OF_CLASS)))
                            .pid();
            logIn(agent, "by the server of the class before the tests");
        }

        @Test
        void a_passes() {
            logIn(Processes.whereis(OF_CLASS).orElseThrow(), "by the server of the class in a");
        }

        @Test
        void b_fails(TestSupervisor test) {
            logIn(Processes.whereis(OF_CLASS).orElseThrow(), "by the server of the class in b");
            LOG.info("by the test");
            assertThat(test.capturedLog()).hasSize(2);
            throw new AssertionError("on purpose");
        }
    }

    @Test
    void on_a_shared_node_is_that_of_the_tests_processes_only() throws Exception {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        ListAppender<ILoggingEvent> printed = new ListAppender<>();
        printed.setContext(context);
        printed.start();
        context.getLogger("shop").addAppender(printed);
        try {
            assertThat(InnerTests.run(OnSharedNode.class).failures()).isEmpty();
        } finally {
            context.getLogger("shop").detachAppender(printed);
        }

        assertThat(printed.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("by another thread");
    }

    @ExtendWith(GenServerExtension.class)
    @SharedNode
    static class OnSharedNode {
        @Test
        @CaptureLog
        void logs(TestSupervisor test) throws InterruptedException {
            Thread.ofPlatform().start(() -> LOG.info("by another thread")).join();
            LOG.info("by the test");
            logIn(test.startSupervised(() -> Agent.startLink(() -> 1)).pid(), "by a server");

            assertThat(test.capturedLog())
                    .containsExactly("INFO shop - by the test", "INFO shop - by a server");
        }
    }

    @Test
    void has_the_exception_of_a_line() {
        assertThat(InnerTests.run(LogsException.class).failures()).isEmpty();
    }

    @ExtendWith(GenServerExtension.class)
    @SharedNode
    static class LogsException {
        @Test
        void logs(TestSupervisor test) {
            LOG.error("failed", new IllegalStateException("boom"));

            assertThat(test.capturedLog())
                    .singleElement()
                    .asString()
                    .startsWith(
                            """
                            ERROR shop - failed
                            java.lang.IllegalStateException: boom
                            \tat io.genserver.test.CapturedLogTest\
                            """);
            assertThat(Processes.isProcess()).isTrue();
        }
    }
}
