package io.genserver.parity;

import static io.genserver.parity.TestStreams.DEFAULTS;
import static io.genserver.parity.TestStreams.FOREVER;
import static io.genserver.parity.TestStreams.PATIENCE;
import static io.genserver.parity.TestStreams.all;
import static io.genserver.parity.TestStreams.downFrom;
import static io.genserver.parity.TestStreams.each;
import static io.genserver.parity.TestStreams.oks;
import static io.genserver.parity.TestTasks.assertNoMessages;
import static io.genserver.parity.TestTasks.exit;
import static io.genserver.parity.TestTasks.exitOf;
import static io.genserver.parity.TestTasks.links;
import static io.genserver.parity.TestTasks.ok;
import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.supervisor.StreamOptions;
import io.genserver.supervisor.StreamOptions.OnTimeout;
import io.genserver.supervisor.Task;
import io.genserver.supervisor.TaskResult;
import io.genserver.test.GenServerExtension;
import io.genserver.test.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ElixirTaskStreamTest {

    /// Source: `task_test.exs`, async_stream/2 "timeout".
    @Test
    void a_task_that_takes_too_long_ends_the_consumer() {
        StreamOptions options = DEFAULTS.withTimeout(Duration.ZERO, OnTimeout.EXIT);

        assertThat(
                        exitOf(() ->
                                        all(
                                                Task.asyncStream(
                                                        List.of(FOREVER),
                                                        TestStreams::sleep,
                                                        options)))
                                .taskReason())
                .isEqualTo(ExitReason.TIMEOUT);

        assertNoMessages();
        assertThat(links()).isEmpty();
    }

    /// Returns a function that returns its element after the task of the previous element has
    /// ended.
    private static Function<Integer, Integer> oneAfterTheOther() {
        List<CompletableFuture<Pid>> pids = new ArrayList<>();
        IntStream.rangeClosed(0, 4).forEach(_ -> pids.add(new CompletableFuture<>()));
        return element -> {
            pids.get(element).complete(Processes.self());
            if (element > 1) {
                TestTasks.untilDown(pids.get(element - 1).orTimeout(5, TimeUnit.SECONDS).join());
            }
            return element;
        };
    }

    /// Source: `task_test.exs`, async_stream/2 "streams an enumerable with ordered: false".
    @Test
    void results_come_as_they_are_ready_if_order_is_not_wanted() {
        StreamOptions unordered = DEFAULTS.withOrdered(false);

        assertThat(
                        all(
                                Task.asyncStream(
                                        downFrom(4),
                                        TestStreams::sleep,
                                        unordered.withMaxConcurrency(1))))
                .isEqualTo(oks(4, 3, 2, 1));
        assertThat(
                        all(
                                Task.asyncStream(
                                        downFrom(4),
                                        oneAfterTheOther(),
                                        unordered.withMaxConcurrency(4))))
                .isEqualTo(oks(1, 2, 3, 4));
    }

    /// Source: `task_test.exs`, async_stream/2 "streams an enumerable with ordered: false,
    /// on_timeout: :kill_task".
    @Test
    @VirtualTime
    void killed_tasks_come_last_if_order_is_not_wanted() {
        StreamOptions options =
                DEFAULTS.withOrdered(false)
                        .withMaxConcurrency(4)
                        .withTimeout(PATIENCE, OnTimeout.KILL_TASK);

        assertThat(
                        all(
                                Task.asyncStream(
                                        List.of(FOREVER, 1, FOREVER, 1),
                                        TestStreams::sleep,
                                        options)))
                .containsExactly(ok(1), ok(1), exit(ExitReason.TIMEOUT), exit(ExitReason.TIMEOUT));

        assertNoMessages();
    }

    /// Source: `task_test.exs`, async_stream/2 "streams an enumerable with infinite timeout".
    @Test
    void tasks_may_have_no_limit() {
        StreamOptions options = DEFAULTS.withTimeout(GenServer.INFINITY, OnTimeout.EXIT);

        assertThat(all(Task.asyncStream(List.of(1), _ -> "ok", options))).containsExactly(ok("ok"));
    }

    /// Source: `task_test.exs`, async_stream/2 "does not allow streaming with max_concurrency = 0".
    @Test
    void no_task_at_a_time_is_refused() {
        assertThatThrownBy(() -> DEFAULTS.withMaxConcurrency(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected maxConcurrency to be 1 or more, got: 0");
    }

    /// Source: `task_test.exs`, async_stream/2 "does not allow streaming with invalid :timeout".
    @Test
    void a_negative_time_is_refused() {
        assertThatThrownBy(() -> DEFAULTS.withTimeout(Duration.ofMillis(-1), OnTimeout.KILL_TASK))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected timeout to be 0 or more, got: PT-0.001S");
    }

    /// Source: `task_test.exs`, async_stream/2 "streams with fake down messages on the inbox".
    @Test
    void what_others_send_is_left_alone() {
        Down fake = new Down(Processes.alias(), Processes.self(), ExitReason.of("oops"));

        assertThat(
                        all(
                                Task.asyncStream(
                                        List.of("ok"),
                                        element -> {
                                            links().forEach(link -> Processes.send(link, fake));
                                            return element;
                                        },
                                        DEFAULTS)))
                .containsExactly(ok("ok"));

        assertThat(Processes.flush()).containsExactly(fake);
    }

    /// Source: `task_test.exs`, async_stream/2 "with $callers".
    @Test
    void tasks_know_on_whose_behalf_they_work() {
        Pid test = Processes.self();

        Task.asyncStream(
                        List.of(1),
                        _ -> {
                            Processes.send(test, List.of("parent", Processes.callers()));
                            return all(
                                    Task.asyncStream(
                                            List.of(Processes.self()),
                                            parent -> List.of(parent, Processes.callers()),
                                            DEFAULTS));
                        },
                        DEFAULTS)
                .forEach(result -> Processes.send(test, result));

        assertReceive(List.of("parent", List.of(test)));
        assertThat(assertReceive(TaskResult.Ok.class).value().toString())
                .matches("\\[Ok\\[value=\\[(.*), \\[\\1, \\Q" + test + "\\E]]]]");
    }

    /// Source: `task_test.exs`, async_stream/2 "consuming from another process".
    @Test
    void another_process_may_consume_it() {
        Pid test = Processes.self();
        Stream<TaskResult<Integer>> stream =
                Task.asyncStream(
                        List.of(1, 2, 3),
                        element -> {
                            Processes.send(test, element);
                            return element;
                        },
                        DEFAULTS);

        Task.start(() -> all(stream));

        assertReceive(1);
        assertReceive(2);
        assertReceive(3);
    }

    /// Source: `task_test.exs`, async_stream/2 "wrapping a flat_map/concat with a haltable stream".
    @Test
    void the_elements_may_be_put_together_from_streams_that_are_cut_short() {
        Stream<Object> elements = Stream.concat(Stream.of("foo", "bar").limit(1), Stream.of(1, 2));

        assertThat(all(Task.asyncStream(each(elements), element -> element, DEFAULTS)))
                .containsExactly(ok("foo"), ok(1), ok(2));
    }
}
