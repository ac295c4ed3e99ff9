package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/// The system property `genserver.mdc`, which is read once, so each case has a JVM of its own.
@Timeout(60)
class LogContextSettingTest {

    /// Logs in a server that has something from its client and something left from its last turn.
    static final class Program {
        public static void main(String[] none) {
            Pid agent = Agent.start(() -> "state", StartOption.nonBlocking()).pid();
            Agent.run(agent, _ -> MDC.put("left", "behind"));
            boolean leaks = MDC.get("left") != null;
            MDC.clear();
            MDC.put("request", "17");
            try (Logs logs = Logs.of(Program.class)) {
                Agent.run(agent, _ -> LoggerFactory.getLogger(Program.class).info("now"));
                Map<String, String> line = logs.with("now").getFirst().context();
                System.out.println(
                        "process "
                                + agent.toString().equals(line.get("pid"))
                                + ", request "
                                + "17".equals(line.get("request"))
                                + ", leaks "
                                + (leaks || MDC.get("request") == null));
            }
        }
    }

    @TempDir private Path folder;

    private List<String> run(String setting, boolean errors)
            throws IOException, InterruptedException {
        return OtherJvm.run(folder, "genserver.mdc=" + setting, Program.class, errors);
    }

    @ParameterizedTest
    @CsvSource({"full, true, true, false", "own, true, false, false", "off, false, true, true"})
    void decides_what_travels_and_what_a_line_shows(
            String setting, boolean process, boolean request, boolean leaks) throws Exception {
        assertThat(run(setting, false))
                .containsExactly(
                        "process " + process + ", request " + request + ", leaks " + leaks);
    }

    @Test
    void is_refused_if_it_is_none_of_the_three() throws Exception {
        assertThat(run("none", true))
                .anyMatch(line ->
                        line.contains(
                                "expected the system property genserver.mdc to be full,"
                                        + " own or off, got: none"));
    }
}
