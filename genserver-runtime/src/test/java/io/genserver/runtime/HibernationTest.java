package io.genserver.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.Action;
import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.ProcessInfo.Status;
import io.genserver.Processes;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Shows when a server holds a thread and when it does not.
class HibernationTest {

    record Add(int number, Action then) implements Call<Integer> {}

    static final class Sum implements GenServer<Ok, Integer, Add, Object> {
        @Override
        public Init<Integer> init(Ok ok) {
            return Init.ok(0);
        }

        @Override
        public CallResult<Integer> handleCall(Add add, From from, Integer sum) {
            return CallResult.reply(add, sum + add.number(), sum + add.number(), add.then());
        }
    }

    private final Pid server = GenServer.start(Sum::new, Ok.OK).pid();

    @AfterEach
    void stop() {
        GenServer.stop(server);
    }

    private Status status() {
        return Processes.info(server).orElseThrow().status();
    }

    private int add(int number) {
        return GenServer.call(server, new Add(number, Action.NONE));
    }

    @Test
    void a_server_that_has_just_started_holds_no_thread() {
        await().atMost(Duration.ofSeconds(5)).until(() -> status() == Status.HIBERNATING);
    }

    @Test
    void a_busy_server_waits_on_its_thread_and_an_idle_one_gives_it_back_with_its_state_kept() {
        assertThat(add(1)).isEqualTo(1);
        await().atMost(Duration.ofSeconds(5)).until(() -> status() != Status.RUNNING);

        await().atMost(Duration.ofSeconds(10)).until(() -> status() == Status.HIBERNATING);

        assertThat(add(2)).isEqualTo(3);
    }

    @Test
    void a_server_that_asks_for_it_hibernates() {
        GenServer.call(server, new Add(5, Action.hibernate()));

        await().atMost(Duration.ofSeconds(5)).until(() -> status() == Status.HIBERNATING);
        assertThat(add(1)).isEqualTo(6);
    }
}
