package io.genserver;

import static io.genserver.CallResult.replyUntyped;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.MDC;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class LogContextTest {

    /// Reports the log context of its callbacks. A call leaves an entry in the context.
    static final class Context implements GenServer<Ok, Map<String, String>, String, Pid> {
        @Override
        public Init<Map<String, String>> init(Ok ok) {
            return Init.ok(now());
        }

        @Override
        public CallResult<Map<String, String>> handleCall(
                String what, From from, Map<String, String> atInit) {
            Map<String, String> before = now();
            MDC.put("left", "behind");
            return replyUntyped(what.equals("init") ? atInit : before, atInit);
        }

        @Override
        public CastResult<Map<String, String>> handleCast(Pid to, Map<String, String> atInit) {
            Processes.send(to, now());
            return CastResult.noreply(atInit);
        }

        @Override
        public CastResult<Map<String, String>> handleInfo(Object to, Map<String, String> atInit) {
            Processes.send((Pid) to, now());
            return CastResult.noreply(atInit);
        }

        private static Map<String, String> now() {
            Map<String, String> copy = MDC.getCopyOfContextMap();
            return copy == null ? Map.of() : copy;
        }
    }

    private @Nullable Pid started;

    @BeforeEach
    void start() {
        started = GenServer.startLink(Context::new, Ok.OK, StartOption.name("context")).pid();
    }

    private Pid server() {
        return Objects.requireNonNull(started);
    }

    private Map<String, String> own() {
        return Map.of("pid", server().toString(), "registered_name", "context");
    }

    private Map<String, String> ownAnd(String key, String value) {
        Map<String, String> all = new HashMap<>(own());
        all.put(key, value);
        return all;
    }

    @AfterEach
    void clear() {
        MDC.clear();
    }

    @Test
    void carries_pid_and_name_while_a_callback_runs() {
        assertThat(GenServer.callUntyped(server(), "init")).isEqualTo(own());
        assertThat(GenServer.callUntyped(server(), "now")).isEqualTo(own());
    }

    @Test
    void what_the_sender_has_travels_with_calls_casts_and_messages() {
        MDC.put("trace", "17");
        assertThat(GenServer.callUntyped(server(), "now")).isEqualTo(ownAnd("trace", "17"));
        GenServer.cast(server(), Processes.self());
        assertThat(Processes.receive()).isEqualTo(ownAnd("trace", "17"));
        Processes.send(server(), Processes.self());
        assertThat(Processes.receive()).isEqualTo(ownAnd("trace", "17"));
        RequestId<@Nullable Object> sent = GenServer.sendRequestUntyped(server(), "now");
        assertThat(sent.receiveResponse(Duration.ofSeconds(10)).reply())
                .isEqualTo(ownAnd("trace", "17"));
    }

    @Test
    void travels_on_through_a_chain_of_servers() {
        Pid first =
                GenServer.startLink(GenServerTest.Doer::new, Ok.OK, StartOption.name("first"))
                        .pid();
        Pid last = server();
        GenServerTest.Task ask = _ -> GenServer.callUntyped(last, "now");
        MDC.put("trace", "18");

        assertThat(GenServer.callUntyped(first, ask)).isEqualTo(ownAnd("trace", "18"));
    }

    @Test
    void nothing_leaks_from_one_message_to_the_next() {
        MDC.put("trace", "19");
        GenServer.callUntyped(server(), "now");
        MDC.clear();

        assertThat(GenServer.callUntyped(server(), "now")).isEqualTo(own());
    }

    @Test
    void a_thread_that_is_no_process_keeps_its_own() throws Exception {
        Object seen =
                Outside.run(
                                () -> {
                                    MDC.put("request", "20");
                                    Object reply = GenServer.callUntyped(server(), "now");
                                    assertThat(MDC.get("pid")).isNull();
                                    return reply;
                                })
                        .get(10, TimeUnit.SECONDS);

        assertThat(seen).isEqualTo(ownAnd("request", "20"));
    }

    @Test
    void a_spawned_process_has_its_own_too() {
        Pid me = Processes.self();
        MDC.put("trace", "21");
        Pid spawned = Processes.spawn(() -> Processes.send(me, Context.now()));

        assertThat(Processes.receive()).isEqualTo(Map.of("pid", spawned.toString(), "trace", "21"));
    }
}
