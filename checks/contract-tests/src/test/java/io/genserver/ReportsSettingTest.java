package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The system property `genserver.reports`, which is read once, so each case has a JVM of its own.
@Timeout(60)
class ReportsSettingTest {

    /// Has an agent crash and prints whether its report shows the state and the message.
    static final class Program {
        public static void main(String[] none) {
            Pid agent = Agent.start(() -> "password").pid();
            try (Logs logs = Logs.of(GenServer.class)) {
                GenServer.stop(agent, ExitReason.of("secret reason"), Duration.ofSeconds(20));
                String report = logs.with(agent.toString()).getFirst().text();
                System.out.println("state " + report.contains("password"));
            }
        }
    }

    @TempDir private Path folder;

    private List<String> run(String setting, boolean errors)
            throws IOException, InterruptedException {
        return OtherJvm.run(folder, "genserver.reports=" + setting, Program.class, errors);
    }

    @ParameterizedTest
    @CsvSource({"full, true", "types, false"})
    void decides_whether_a_report_shows_the_state(String setting, boolean state) throws Exception {
        assertThat(run(setting, false)).containsExactly("state " + state);
    }

    @Test
    void is_refused_if_it_is_none_of_the_two() throws Exception {
        assertThat(run("none", true))
                .anyMatch(line ->
                        line.contains(
                                "expected the system property genserver.reports to be types or"
                                        + " full, got: none"));
    }
}
