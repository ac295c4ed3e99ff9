package io.genserver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.status.Status;
import io.genserver.test.GenServerExtension;
import java.net.URL;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/// What is special about logback. What every log library shows is in [LogContextTest].
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class LogbackTest {

    private static final LoggerContext CONTEXT = (LoggerContext) LoggerFactory.getILoggerFactory();

    /// Encodes the events of this test's logger on the thread that logs.
    private static final class Encoded extends AppenderBase<ILoggingEvent> {
        private final JsonEncoder encoder = new JsonEncoder();
        private final List<String> lines = new CopyOnWriteArrayList<>();

        static Encoded begin() {
            Encoded encoded = new Encoded();
            encoded.setContext(CONTEXT);
            encoded.encoder.setContext(CONTEXT);
            encoded.encoder.start();
            encoded.start();
            CONTEXT.getLogger(LogbackTest.class).addAppender(encoded);
            return encoded;
        }

        @Override
        protected void append(ILoggingEvent event) {
            lines.add(new String(encoder.encode(event), UTF_8));
        }
    }

    private static Map<String, String> shown() {
        LogbackMDCAdapter adapter = (LogbackMDCAdapter) MDC.getMDCAdapter();
        return Objects.requireNonNull(adapter.getPropertyMap(), "entries");
    }

    @AfterEach
    void configureAgain() throws JoranException {
        MDC.clear();
        CONTEXT.reset();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(CONTEXT);
        URL ours = LogbackTest.class.getResource("/logback-test.xml");
        configurator.doConfigure(Objects.requireNonNull(ours, "logback-test.xml"));
    }

    @Test
    void a_reset_of_the_configuration_leaves_the_process_in_the_lines() {
        Pid agent = Agent.startLink(() -> "state").pid();
        CONTEXT.stop();
        CONTEXT.reset(); // as Spring Boot does when it starts
        CONTEXT.start();
        Encoded encoded = Encoded.begin();

        Agent.run(agent, _ -> LoggerFactory.getLogger(LogbackTest.class).info("seventeen"));

        assertThat(encoded.lines)
                .singleElement()
                .asString()
                .contains("\"pid\":\"" + agent + "\"")
                .contains("seventeen");
    }

    @Test
    void what_is_shown_is_set_up_without_a_warning() {
        assertThat(CONTEXT.getStatusManager().getCopyOfStatusList())
                .extracting(Status::getMessage)
                .noneMatch(message -> message.contains("mdcAdapter"));
    }

    @Test
    void a_context_that_has_not_changed_is_neither_copied_nor_set_again() {
        // On one thread, because each thread has a context of its own.
        Pid agent = Agent.startLink(() -> "state", StartOption.ownThread()).pid();
        MDC.put("request", "17");

        Map<String, String> first = Agent.get(agent, _ -> shown());
        Map<String, String> second = Agent.get(agent, _ -> shown());

        assertThat(first).isEqualTo(Map.of("request", "17"));
        assertThat(second).isSameAs(first);
    }
}
