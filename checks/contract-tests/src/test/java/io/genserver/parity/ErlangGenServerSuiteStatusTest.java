package io.genserver.parity;

import static io.genserver.parity.Scripted.LONG;
import static io.genserver.parity.Scripted.PING;
import static io.genserver.parity.Scripted.STOP;
import static io.genserver.parity.Scripted.ask;
import static io.genserver.parity.Scripted.exiting;
import static io.genserver.parity.Scripted.failedAsk;
import static io.genserver.parity.Scripted.server;
import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Exit;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.FormatStatus;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Logs;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.StartOption;
import io.genserver.Sys;
import io.genserver.SystemEvent;
import io.genserver.Via;
import io.genserver.parity.Scripted.Begin;
import io.genserver.parity.Scripted.Ending;
import io.genserver.parity.Scripted.Shown;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// What a server shows of itself, and its state as seen from outside.
@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class ErlangGenServerSuiteStatusTest {

    private final KeyRegistry registry = new KeyRegistry();

    private static final Shown HIDING = status -> status.withState("hidden");

    /// Source: `gen_server_SUITE`, call_format_status.
    @Test
    void a_status_shows_what_the_server_shows() {
        Via key = ServerRef.via(registry, List.of("a", "term"));
        server(Scripted.state(HIDING), StartOption.name("parity shown"));
        server(Scripted.state(HIDING), StartOption.name(key));
        Pid pid = server(Scripted.state(HIDING));

        for (ServerRef server : List.of(ServerRef.name("parity shown"), key, pid)) {
            Sys.Status status = Sys.getStatus(server, Duration.ofSeconds(5));
            assertThat(status.pid()).isEqualTo(GenServer.whereis(server).orElseThrow());
            assertThat(status.module()).isEqualTo(Scripted.class);
            assertThat(status.suspended()).isFalse();
            assertThat(status.parent()).isEqualTo(Processes.self());
            assertThat(status.state()).isEqualTo("hidden");
        }
    }

    /// Returns the crash report of a server that `end` makes crash. The test's process traps exits.
    private static Logs.Entry report(Begin begin, Consumer<Pid> end) {
        Processes.trapExits(true);
        Pid pid = server(begin);
        try (Logs logs = Logs.of(GenServer.class)) {
            end.accept(pid);
            assertThat(assertReceive(Exit.class).from()).isEqualTo(pid);
            assertThat(logs.with(pid.toString())).hasSize(1);
            return logs.with(pid.toString()).getFirst();
        }
    }

    /// Source: `gen_server_SUITE`, error_format_status.
    @Test
    void a_crash_report_shows_what_the_server_shows() {
        Logs.Entry report =
                report(
                        Scripted.state(HIDING),
                        pid ->
                                assertThat(failedAsk(pid, exiting(ExitReason.of("crashed"))))
                                        .isEqualTo(ExitReason.of("crashed")));

        assertThat(report.text())
                .contains("reason: crashed")
                .contains("state: hidden")
                .contains("client: " + Processes.self());
    }

    /// A state whose terminate fails.
    private record Failing() implements Ending, Shown {
        @Override
        public void run(ExitReason reason) {
            throw new ExitException(ExitReason.of("crash in terminate"));
        }

        @Override
        public FormatStatus show(FormatStatus status) {
            return status.withState("hidden");
        }
    }

    /// Source: `gen_server_SUITE`, terminate_crash_format.
    @Test
    void a_crash_in_terminate_is_reported_as_any() {
        Logs.Entry report =
                report(
                        Scripted.state(new Failing()),
                        pid -> assertThat(ask(pid, STOP)).isEqualTo("ok"));

        assertThat(report.text()).contains("reason: crash in terminate").contains("state: hidden");
    }

    /// Source: `gen_server_SUITE`, crash_in_format_status and throw_in_format_status.
    @Test
    void a_server_that_cannot_show_itself_has_a_status_and_a_report_all_the_same() {
        Shown broken =
                _ -> {
                    throw new IllegalStateException("cannot");
                };
        Pid pid = server(Scripted.state(broken));
        assertThat(Sys.getStatus(pid).state().toString())
                .contains("formatStatus of " + Scripted.class.getName() + " failed");

        Logs.Entry report =
                report(
                        Scripted.state(broken),
                        ended -> assertThat(ask(ended, STOP)).isEqualTo("ok"));

        assertThat(report.text())
                .contains("reason: stopped")
                .contains("formatStatus of " + Scripted.class.getName() + " failed");
    }

    /// Source: `gen_server_SUITE`, format_all_status.
    @Test
    void everything_that_is_shown_can_be_changed() {
        Shown marked =
                status ->
                        status.withState("(state)")
                                .withMessage("(message)")
                                .withReason(ExitReason.of("(reason)"))
                                .withLog(
                                        status.log().stream()
                                                .<SystemEvent>map(_ -> new SystemEvent.In("(log)"))
                                                .toList());

        Logs.Entry report =
                report(
                        Scripted.state(marked),
                        pid -> {
                            Sys.log(pid);
                            assertThat(ask(pid, PING)).isEqualTo("pong");
                            assertThat(Sys.getStatus(pid).log())
                                    .hasSize(2)
                                    .containsOnly(new SystemEvent.In("(log)"));
                            assertThat(Sys.getStatus(pid).state()).isEqualTo("(state)");
                            assertThat(ask(pid, STOP)).isEqualTo("ok");
                        });

        assertThat(report.text())
                .contains("state: (state)")
                .contains("(message)")
                .contains("reason: (reason)")
                .contains("got (log)")
                .doesNotContain("stopped")
                .doesNotContain("got call");
    }

    /// Source: `gen_server_SUITE`, format_log_with_process_label.
    @Test
    void a_crash_report_shows_the_label() {
        Logs.Entry report =
                report(
                        () -> {
                            Processes.setLabel(Map.of("some id", 42));
                            return Init.ok("state");
                        },
                        pid -> assertThat(ask(pid, STOP)).isEqualTo("ok"));

        assertThat(report.text()).contains("label: {some id=42}");
    }

    /// Source: `gen_server_SUITE`, get_state.
    @Test
    void the_state_is_read_by_name_by_pid_and_while_suspended() {
        Pid pid = server(StartOption.name("parity state"));
        ServerRef name = ServerRef.name("parity state");

        assertThat(Sys.getState(name)).isEqualTo("state");
        assertThat(Sys.getState(name, LONG)).isEqualTo("state");
        assertThat(Sys.getState(pid)).isEqualTo("state");
        assertThat(Sys.getState(pid, LONG)).isEqualTo("state");
        Sys.suspend(pid);
        assertThat(Sys.getState(pid)).isEqualTo("state");
        Sys.resume(pid);
    }

    /// Source: `gen_server_SUITE`, replace_state.
    @Test
    void the_state_is_replaced_unless_that_fails() {
        Pid pid = server(StartOption.name("parity replaced"));
        ServerRef name = ServerRef.name("parity replaced");

        assertThat(Sys.replaceState(name, (String _) -> "replaced")).isEqualTo("replaced");
        assertThat(Sys.getState(name)).isEqualTo("replaced");
        assertThat(Sys.replaceState(pid, (String state) -> state + " again", LONG))
                .isEqualTo("replaced again");
        assertThatThrownBy(() ->
                        Sys.replaceState(
                                pid,
                                (String _) -> {
                                    throw new IllegalStateException("fail");
                                }))
                .isInstanceOf(Sys.CallbackFailedException.class);
        assertThat(Sys.getState(pid)).isEqualTo("replaced again");
        Sys.suspend(pid);
        assertThat(Sys.replaceState(pid, (String state) -> state + " and again"))
                .isEqualTo("replaced again and again");
        Sys.resume(pid);
        assertThat(Sys.getState(pid)).isEqualTo("replaced again and again");
    }

    /// Source: `gen_server_SUITE`, undef_code_change. Here the conversion throws, because a missing
    /// one keeps the state.
    @Test
    void a_failed_change_of_code_leaves_the_server_as_it_was() {
        Pid pid = server();
        Sys.suspend(pid);

        assertThatThrownBy(() -> Sys.changeCode(pid, Unconvertible::new, "old", "extra"))
                .isInstanceOf(Sys.CallbackFailedException.class);
        Sys.resume(pid);

        assertThat(Processes.isAlive(pid)).isTrue();
        assertThat(ask(pid, PING)).isEqualTo("pong");
        assertThat(Sys.getState(pid)).isEqualTo("state");
    }

    /// A new version that cannot convert the old state.
    static final class Unconvertible implements GenServer<Ok, Object, Object, Object> {
        @Override
        public Init<Object> init(Ok ok) {
            return Init.ok("state");
        }

        @Override
        public Object codeChange(Object oldVersion, Object state, Object extra) {
            throw new NoSuchMethodError("codeChange");
        }
    }
}
