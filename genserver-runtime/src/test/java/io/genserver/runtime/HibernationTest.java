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
import io.genserver.StartOption;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Shows when a server hibernates, and that a server that waits holds no thread.
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
    void a_server_that_waits_holds_no_thread_and_keeps_its_state() {
        assertThat(add(1)).isEqualTo(1);

        await().atMost(Duration.ofSeconds(5)).until(() -> status() == Status.WAITING);

        assertThat(Processes.info(server).orElseThrow().currentStacktrace()).isEmpty();
        assertThat(add(2)).isEqualTo(3);
    }

    @Test
    void a_server_with_hibernate_after_hibernates_once_it_has_been_idle() {
        Pid soon =
                GenServer.start(Sum::new, Ok.OK, StartOption.hibernateAfter(Duration.ofMillis(50)))
                        .pid();
        Pid late =
                GenServer.start(Sum::new, Ok.OK, StartOption.hibernateAfter(Duration.ofHours(1)))
                        .pid();

        await().atMost(Duration.ofSeconds(5))
                .until(() -> Processes.info(soon).orElseThrow().status() == Status.HIBERNATING);

        assertThat(Processes.info(late).orElseThrow().status()).isEqualTo(Status.WAITING);
        GenServer.stop(soon);
        GenServer.stop(late);
    }

    @Test
    void a_server_that_asks_for_it_hibernates() {
        GenServer.call(server, new Add(5, Action.hibernate()));

        await().atMost(Duration.ofSeconds(5)).until(() -> status() == Status.HIBERNATING);
        assertThat(add(1)).isEqualTo(6);
    }
}
