package kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ProgramIT {

    @TempDir private Path folder;

    @Test
    void a_script_replays_the_chapter() throws Exception {
        KvProgram.Run run =
                KvProgram.run(
                        folder,
                        """
                        lookup shopping
                        create shopping
                        put shopping milk 1
                        get shopping milk
                        monitor shopping
                        stop shopping
                        flush
                        lookup shopping
                        """);

        assertThat(run.output()).hasSize(9);
        assertThat(run.output().subList(0, 4)).containsExactly("error", "ok", "ok", "\"1\"");
        assertThat(run.output().get(4)).startsWith("#Reference<0.");
        assertThat(run.output().get(5)).isEqualTo("ok");
        assertThat(run.output().get(6))
                .matches("Down\\[ref=" + run.output().get(4) + ", object=#PID<.*>, reason=normal]");
        assertThat(run.output().subList(7, 9)).containsExactly("ok", "error");
        assertThat(run.status()).isZero();
        assertThat(run.errors()).singleElement().asString().contains("8 commands in");
    }

    @Test
    void bad_lines_are_reported_and_the_script_goes_on() throws Exception {
        KvProgram.Run run =
                KvProgram.run(
                        folder,
                        "create a\n\n# a comment\nput a milk\nbuy milk\nput a x 1\nget a x\n");

        assertThat(run.output()).containsExactly("ok", "ok", "\"1\"");
        assertThat(run.errors())
                .satisfiesExactly(
                        line ->
                                assertThat(line)
                                        .isEqualTo(
                                                "line 4: expected \"put BUCKET KEY VALUE\", got: put a milk"),
                        line ->
                                assertThat(line)
                                        .startsWith("line 5: expected a command, one of")
                                        .endsWith("got: buy"),
                        line ->
                                assertThat(line)
                                        .contains("3 commands in")
                                        .endsWith("bad lines: 2"));
        assertThat(run.status()).isEqualTo(2);
    }

    @Test
    void help_and_version_answer_without_a_tree() throws Exception {
        KvProgram.Run help = KvProgram.run(folder, "", "--help");
        KvProgram.Run version = KvProgram.run(folder, "", "--version");

        assertThat(help.output()).anyMatch(line -> line.contains("--log-level"));
        assertThat(help.status()).isZero();
        assertThat(version.output()).singleElement().asString().matches("kv \\d+\\.\\d+\\.\\d+.*");
        assertThat(help.errors()).isEmpty();
        assertThat(version.errors()).isEmpty();
    }

    @Test
    void an_unknown_option_is_refused() throws Exception {
        KvProgram.Run run = KvProgram.run(folder, "", "--colour");

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.errors().getFirst()).contains("--colour");
    }

    @Test
    void an_unexpected_message_is_logged_at_debug_and_a_crash_is_reported() throws Exception {
        KvProgram.Run run =
                KvProgram.run(
                        folder,
                        "send KV.Registry hello there\ncreate a\ncrash a\n",
                        "--log-level",
                        "debug");

        assertThat(run.errors())
                .anyMatch(line ->
                        line.endsWith("Registry - Unexpected message in KV.Registry: hello there"))
                .anyMatch(line -> line.contains("(kv.Bucket) terminating"))
                .anyMatch(line ->
                        line.contains(
                                "reason: java.lang.IllegalStateException: crashed from the console"))
                .anyMatch(line -> line.contains("at kv@") && line.contains("Shell"));
        assertThat(run.output().getLast()).contains("crashed from the console");
    }

    @Test
    void a_line_that_cannot_be_run_is_reported_and_the_script_goes_on() throws Exception {
        KvProgram.Run run =
                KvProgram.run(folder, "\uFEFFcreate a\nsend \u2003 x\n  # comment\nlookup b\n");

        assertThat(run.output()).containsExactly("ok", "error");
        assertThat(run.errors().getFirst())
                .startsWith("line 2: expected a name of at least one visible character");
        assertThat(run.status()).isEqualTo(2);
    }

    @Test
    void a_long_bad_line_full_of_control_characters_is_shown_short_and_plain() throws Exception {
        KvProgram.Run run = KvProgram.run(folder, "\u001b[31m" + "x".repeat(1_000_000) + "\n");

        assertThat(run.errors().getFirst()).hasSizeLessThan(300).doesNotContain("\u001b");
    }

    @Test
    void a_script_ends_when_its_output_is_closed() throws Exception {
        Process process = KvProgram.command().redirectErrorStream(false).start();
        process.getInputStream().close();
        try (PrintWriter input =
                new PrintWriter(process.getOutputStream(), false, StandardCharsets.UTF_8)) {
            for (int i = 0; i < 200_000 && !input.checkError(); i++) {
                input.println("list");
            }
        }

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(process.errorReader(StandardCharsets.UTF_8).readAllLines())
                .containsExactly("kv cannot write its answers: standard output is closed or full");
    }

    @Test
    void a_tree_that_gives_up_ends_the_program_with_status_1() throws Exception {
        KvProgram.Run run =
                KvProgram.run(
                        folder, "create a\ncrash a\n".repeat(6), "--plain", "--log-level", "off");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.errors().getLast())
                .startsWith(
                        "kv gave up: the supervision tree ended: {shutdown,"
                                + " {reached_max_restart_intensity, ");
        // The tree allows three restarts. Answers from before its end are not lost.
        assertThat(run.output()).hasSizeGreaterThanOrEqualTo(7);
        assertThat(run.output().subList(0, 7)).filteredOn(line -> line.equals("ok")).hasSize(4);
    }

    @Test
    void a_bucket_that_crashes_leaves_the_others_alone() throws Exception {
        String script =
                "create a\ncreate b\nput b milk 1\n"
                        + "create a\ncrash a\n".repeat(6)
                        + "lookup a\nget b milk\n";
        KvProgram.Run run = KvProgram.run(folder, script, "--log-level", "off");

        assertThat(run.status()).isZero();
        assertThat(run.output()).endsWith("error", "\"1\"");
    }

    @Test
    void a_setting_that_cannot_be_parsed_is_refused_with_its_source() throws Exception {
        ProcessBuilder command = KvProgram.command().redirectErrorStream(true);
        command.environment().put("KV_PLAIN", "perhaps");
        Process process = command.start();
        process.getOutputStream().close();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(process.inputReader(StandardCharsets.UTF_8).readAllLines())
                .singleElement()
                .asString()
                .startsWith("kv did not start: ")
                .contains("expected a value for kv.plain in the environment variable KV_PLAIN")
                .contains("got: \"perhaps\"");
    }

    @Test
    void a_word_that_is_no_command_is_refused_with_what_was_probably_meant() throws Exception {
        KvProgram.Run run = KvProgram.run(folder, "", "sreve");

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.output()).isEmpty();
        assertThat(run.errors())
                .containsExactly(
                        "Unmatched argument at index 0: 'sreve'",
                        "Did you mean: kv serve?",
                        "kv --help shows the options");
    }

    @Test
    void sigterm_stops_the_tree_in_order_while_the_program_waits_for_input() throws Exception {
        Process process =
                KvProgram.command("--log-level", "debug").redirectErrorStream(true).start();
        try (PrintWriter input =
                        new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
                BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            input.println("create shopping");
            assertThat(output.readLine()).isEqualTo("ok");

            process.toHandle().destroy(); // SIGTERM; Process.destroy also closes the output

            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(143);
            assertThat(rest(output))
                    .anyMatch(line -> line.contains("application kv stopped"))
                    .noneMatch(line -> line.contains("failed") || line.contains("ERROR"));
        }
    }

    private static List<String> rest(BufferedReader output) throws IOException {
        return output.readAllLines();
    }
}
