package io.genserver.parity;

import static io.genserver.CallResult.reply;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.DebugOption;
import io.genserver.From;
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
import io.genserver.test.GenServerExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ErlangSysSuiteTest {

    record Negate(int number) implements Call<Integer> {}

    /// Replies with the negative of a number and counts the requests.
    static final class Negator implements GenServer<Ok, Integer, Negate, Object> {
        @Override
        public Init<Integer> init(Ok ok) {
            return Init.ok(0);
        }

        @Override
        public CallResult<Integer> handleCall(Negate request, From from, Integer count) {
            return reply(request, -request.number(), count + 1);
        }
    }

    private static final ServerRef SERVER = ServerRef.name("parity sys");

    @BeforeEach
    void start() {
        GenServer.startLink(Negator::new, Ok.OK, StartOption.name("parity sys")).pid();
    }

    private static int negate(int number) {
        return GenServer.call(SERVER, new Negate(number), Duration.ofSeconds(10));
    }

    private static Pid server() {
        return GenServer.whereis(SERVER).orElseThrow();
    }

    /// Source: `sys_SUITE`, log.
    @Test
    void a_log_is_kept_between_on_and_off() {
        Sys.log(SERVER);
        assertThat(negate(44)).isEqualTo(-44);

        assertThat(Sys.getLog(SERVER))
                .satisfiesExactly(
                        in ->
                                assertThat(in)
                                        .isInstanceOfSatisfying(
                                                SystemEvent.InCall.class,
                                                call ->
                                                        assertThat(call.request())
                                                                .isEqualTo(new Negate(44))),
                        out ->
                                assertThat(out)
                                        .isInstanceOfSatisfying(
                                                SystemEvent.Out.class,
                                                reply -> assertThat(reply.reply()).isEqualTo(-44)));
        Sys.noLog(SERVER);
        assertThat(Sys.getLog(SERVER)).isEmpty();
    }

    /// Source: `sys_SUITE`, log_to_file.
    @Test
    void a_file_gets_what_happens_between_on_and_off(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("sys.log");
        Sys.logToFile(SERVER, file);
        assertThat(negate(44)).isEqualTo(-44);
        Sys.noLogToFile(SERVER);
        assertThat(negate(45)).isEqualTo(-45);

        assertThat(Files.readAllLines(file))
                .satisfiesExactly(
                        in -> assertThat(in).contains("got call Negate[number=44] from "),
                        out -> assertThat(out).contains("sent -44 to "));
    }

    /// Source: `sys_SUITE`, stats.
    @Test
    void statistics_count_messages_in_and_out_until_they_are_off() {
        Sys.statistics(SERVER, true);
        assertThat(negate(44)).isEqualTo(-44);

        Sys.Statistics counts = Sys.getStatistics(SERVER).orElseThrow();
        assertThat(counts.messagesIn()).isEqualTo(1);
        assertThat(counts.messagesOut()).isEqualTo(1);
        Sys.statistics(SERVER, false);
        assertThat(Sys.getStatus(SERVER).suspended()).isFalse();
        assertThat(Sys.getStatus(SERVER).parent()).isEqualTo(Processes.self());
        assertThat(Sys.getStatistics(SERVER)).isEmpty();
    }

    /// Source: `sys_SUITE`, trace. OTP prints the trace; here it is logged.
    @Test
    void a_trace_shows_what_comes_in_and_what_goes_out() {
        try (Logs logs = Logs.of(Sys.class)) {
            Sys.trace(SERVER, true);
            assertThat(negate(44)).isEqualTo(-44);
            Sys.trace(SERVER, false);

            List<String> lines =
                    logs.with(server().toString()).stream().map(Logs.Entry::text).toList();
            assertThat(lines)
                    .satisfiesExactly(
                            in -> assertThat(in).contains("got call Negate[number=44] from "),
                            out -> assertThat(out).contains("sent -44 to "));
        }
    }

    /// Source: `sys_SUITE`, suspend.
    @Test
    void a_suspended_server_answers_nobody_until_it_is_resumed() {
        Duration limit = Duration.ofSeconds(10);
        for (int i = 0; i < 2; i++) { // a second suspend is no error
            Sys.suspend(SERVER, limit);
            assertThatThrownBy(() -> GenServer.call(SERVER, new Negate(48), Duration.ofMillis(50)))
                    .isInstanceOf(CallException.class)
                    .hasMessageContaining("timed out");
            assertThat(Sys.getStatus(SERVER).suspended()).isTrue();
        }
        for (int i = 0; i < 2; i++) {
            Sys.resume(SERVER);
            assertThat(Sys.getStatus(SERVER).suspended()).isFalse();
            assertThat(negate(48)).isEqualTo(-48);
        }
        refuteReceive(Object.class);
    }

    /// A request that an installed function has seen.
    record Seen(Object request, Pid server) {}

    /// Source: `sys_SUITE`, install.
    @Test
    void an_installed_function_sees_the_calls_once_until_it_is_removed() {
        Pid me = Processes.self();
        DebugOption.Function<String> spy =
                (data, event, server) -> {
                    if (event instanceof SystemEvent.InCall call) {
                        Processes.send(me, new Seen(call.request(), server));
                    }
                    return data;
                };
        Sys.install(SERVER, "spy", spy, "state");
        assertThat(negate(1)).isEqualTo(-1);
        Sys.noDebug(SERVER);
        assertThat(negate(2)).isEqualTo(-2);
        Sys.install(SERVER, "spy", spy, "state");
        Sys.install(SERVER, "spy", spy, "state");
        assertThat(negate(3)).isEqualTo(-3);
        Sys.remove(SERVER, "spy");
        assertThat(negate(4)).isEqualTo(-4);

        assertThat(Processes.flush())
                .containsExactly(
                        new Seen(new Negate(1), server()), new Seen(new Negate(3), server()));
    }
}
