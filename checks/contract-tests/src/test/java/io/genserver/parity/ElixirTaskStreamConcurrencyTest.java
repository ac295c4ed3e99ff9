package io.genserver.parity;

import static io.genserver.parity.TestStreams.DEFAULTS;
import static io.genserver.parity.TestStreams.FOREVER;
import static io.genserver.parity.TestStreams.PATIENCE;
import static io.genserver.parity.TestStreams.all;
import static io.genserver.parity.TestStreams.downFrom;
import static io.genserver.parity.TestStreams.each;
import static io.genserver.parity.TestStreams.exits;
import static io.genserver.parity.TestStreams.failed;
import static io.genserver.parity.TestStreams.oks;
import static io.genserver.parity.TestStreams.sleep;
import static io.genserver.parity.TestStreams.take;
import static io.genserver.parity.TestStreams.upTo;
import static io.genserver.parity.TestTasks.assertNoMessages;
import static io.genserver.parity.TestTasks.exit;
import static io.genserver.parity.TestTasks.links;
import static io.genserver.parity.TestTasks.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.ExitReason;
import io.genserver.Processes;
import io.genserver.supervisor.StreamOptions;
import io.genserver.supervisor.StreamOptions.OnTimeout;
import io.genserver.supervisor.Task;
import io.genserver.supervisor.TaskResult;
import io.genserver.test.GenServerExtension;
import io.genserver.test.VirtualTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Streams with as many concurrent tasks as elements, with fewer, and with more.
@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ElixirTaskStreamConcurrencyTest {

    /// The number of concurrent tasks, relative to the number of elements.
    enum Concurrency {
        EQUAL(4),
        LESS(2),
        MORE(8);

        private final int max;

        Concurrency(int max) {
            this.max = max;
        }

        StreamOptions options() {
            return DEFAULTS.withMaxConcurrency(max);
        }
    }

    /// Source: `task_test.exs`, async_stream "streams an enumerable with fun".
    @ParameterizedTest
    @EnumSource
    void a_function_is_run_on_each_element(Concurrency tasks) {
        assertThat(all(Task.asyncStream(upTo(4), element -> sleep(element), tasks.options())))
                .isEqualTo(oks(1, 2, 3, 4));
    }

    /// Source: `task_test.exs`, async_stream "streams an enumerable without leaking tasks".
    @ParameterizedTest
    @EnumSource
    void no_messages_are_left(Concurrency tasks) {
        assertThat(all(Task.asyncStream(upTo(4), TestStreams::sleep, tasks.options())))
                .isEqualTo(oks(1, 2, 3, 4));

        assertNoMessages();
    }

    /// Source: `task_test.exs`, async_stream "streams an enumerable with slowest first".
    @ParameterizedTest
    @EnumSource
    void the_order_is_kept_if_the_first_is_the_slowest(Concurrency tasks) {
        Processes.trapExits(true);

        assertThat(all(Task.asyncStream(downFrom(4), TestStreams::sleep, tasks.options())))
                .isEqualTo(oks(4, 3, 2, 1));
    }

    /// Source: `task_test.exs`, async_stream "streams an enumerable with exits".
    @ParameterizedTest
    @EnumSource
    void failures_are_elements_for_a_consumer_that_traps_exits(Concurrency tasks) {
        Processes.trapExits(true);

        assertThat(all(Task.asyncStream(upTo(4), TestStreams::exits, tasks.options())))
                .isEqualTo(exits(1, 2, 3, 4));

        assertNoMessages();
    }

    private static List<TaskResult<Integer>> firstOfFour(Concurrency tasks) {
        return take(
                1,
                Task.asyncStream(
                        List.of(0, FOREVER, FOREVER, FOREVER),
                        TestStreams::sleep,
                        tasks.options()));
    }

    /// Source: `task_test.exs`, async_stream "shuts down unused tasks".
    @ParameterizedTest
    @EnumSource
    void tasks_that_are_not_wanted_are_ended(Concurrency tasks) {
        assertThat(firstOfFour(tasks)).isEqualTo(oks(0));

        assertThat(links()).isEmpty();
    }

    /// Source: `task_test.exs`, async_stream "shuts down unused tasks without leaking messages".
    @ParameterizedTest
    @EnumSource
    void tasks_that_are_not_wanted_leave_no_messages(Concurrency tasks) {
        Processes.trapExits(true);

        assertThat(firstOfFour(tasks)).isEqualTo(oks(0));

        assertNoMessages();
    }

    /// Consumes two streams of the same elements together, one element of each at a time.
    private static List<List<TaskResult<Integer>>> zipped(
            List<Integer> elements, Function<Integer, Integer> function, Concurrency tasks) {
        List<List<TaskResult<Integer>>> pairs = new ArrayList<>();
        try (Stream<TaskResult<Integer>> left =
                        Task.asyncStream(elements, function, tasks.options());
                Stream<TaskResult<Integer>> right =
                        Task.asyncStream(elements, function, tasks.options())) {
            Iterator<TaskResult<Integer>> one = left.iterator();
            Iterator<TaskResult<Integer>> other = right.iterator();
            while (one.hasNext() && other.hasNext()) {
                pairs.add(List.of(one.next(), other.next()));
            }
        }
        return pairs;
    }

    private static List<List<TaskResult<Integer>>> twins(List<TaskResult<Integer>> results) {
        return results.stream().map(result -> List.of(result, result)).toList();
    }

    /// Source: `task_test.exs`, async_stream "is zippable on success".
    @ParameterizedTest
    @EnumSource
    void two_streams_can_be_consumed_in_turns(Concurrency tasks) {
        assertThat(zipped(upTo(4), TestStreams::sleep, tasks)).isEqualTo(twins(oks(1, 2, 3, 4)));
    }

    /// Source: `task_test.exs`, async_stream "is zippable on failure".
    @ParameterizedTest
    @EnumSource
    void two_streams_of_failures_can_be_consumed_in_turns(Concurrency tasks) {
        Processes.trapExits(true);

        assertThat(zipped(upTo(4), TestStreams::exits, tasks)).isEqualTo(twins(exits(1, 2, 3, 4)));
        assertNoMessages();
    }

    /// Source: `task_test.exs`, async_stream "is zippable with slowest first".
    @ParameterizedTest
    @EnumSource
    void two_streams_whose_first_is_the_slowest_can_be_consumed_in_turns(Concurrency tasks) {
        assertThat(zipped(downFrom(4), TestStreams::sleep, tasks))
                .isEqualTo(twins(oks(4, 3, 2, 1)));
    }

    private static List<TaskResult<Integer>> ofFirstFour(
            List<Integer> elements, Function<Integer, Integer> function, Concurrency tasks) {
        return all(Task.asyncStream(each(elements.stream().limit(4)), function, tasks.options()));
    }

    /// Source: `task_test.exs`, async_stream "with inner halt on success".
    @ParameterizedTest
    @EnumSource
    void the_elements_may_be_cut_short(Concurrency tasks) {
        assertThat(ofFirstFour(upTo(8), TestStreams::sleep, tasks)).isEqualTo(oks(1, 2, 3, 4));
    }

    /// Source: `task_test.exs`, async_stream "with inner halt on failure".
    @ParameterizedTest
    @EnumSource
    void the_elements_may_be_cut_short_and_fail(Concurrency tasks) {
        Processes.trapExits(true);

        assertThat(ofFirstFour(upTo(8), TestStreams::exits, tasks)).isEqualTo(exits(1, 2, 3, 4));
    }

    /// Source: `task_test.exs`, async_stream "with inner halt and slowest first".
    @ParameterizedTest
    @EnumSource
    void the_elements_may_be_cut_short_with_the_slowest_first(Concurrency tasks) {
        assertThat(ofFirstFour(downFrom(8), TestStreams::sleep, tasks)).isEqualTo(oks(8, 7, 6, 5));
    }

    /// Source: `task_test.exs`, async_stream "with outer halt on success".
    @ParameterizedTest
    @EnumSource
    void the_results_may_be_cut_short(Concurrency tasks) {
        assertThat(take(4, Task.asyncStream(upTo(8), TestStreams::sleep, tasks.options())))
                .isEqualTo(oks(1, 2, 3, 4));
    }

    /// Source: `task_test.exs`, async_stream "with outer halt on failure".
    @ParameterizedTest
    @EnumSource
    void the_results_may_be_cut_short_when_they_are_failures(Concurrency tasks) {
        Processes.trapExits(true);

        assertThat(take(4, Task.asyncStream(upTo(8), TestStreams::exits, tasks.options())))
                .isEqualTo(exits(1, 2, 3, 4));
        assertNoMessages();
    }

    /// Source: `task_test.exs`, async_stream "with outer halt and slowest first".
    @ParameterizedTest
    @EnumSource
    void the_results_may_be_cut_short_with_the_slowest_first(Concurrency tasks) {
        assertThat(take(4, Task.asyncStream(downFrom(8), TestStreams::sleep, tasks.options())))
                .isEqualTo(oks(8, 7, 6, 5));
    }

    /// Source: `task_test.exs`, async_stream "terminates inner effect".
    @ParameterizedTest
    @EnumSource
    void what_is_to_happen_at_its_close_happens(Concurrency tasks) {
        AtomicBoolean closed = new AtomicBoolean();

        assertThat(
                        all(
                                Task.<Integer, Integer>asyncStream(
                                                upTo(4), TestStreams::sleep, tasks.options())
                                        .onClose(() -> closed.set(true))))
                .isEqualTo(oks(1, 2, 3, 4));

        assertThat(closed).isTrue();
    }

    /// Source: `task_test.exs`, async_stream "terminates outer effect". Here the caller must close
    /// the stream of the elements.
    @ParameterizedTest
    @EnumSource
    void what_is_to_happen_at_the_end_of_the_elements_happens(Concurrency tasks) {
        AtomicBoolean closed = new AtomicBoolean();
        Stream<Integer> elements = upTo(4).stream().onClose(() -> closed.set(true));

        assertThat(
                        all(
                                Task.<Integer, Integer>asyncStream(
                                                each(elements), TestStreams::sleep, tasks.options())
                                        .onClose(elements::close)))
                .isEqualTo(oks(1, 2, 3, 4));

        assertThat(closed).isTrue();
    }

    /// Source: `task_test.exs`, async_stream "with :on_timeout set to :kill_task".
    @ParameterizedTest
    @EnumSource
    @VirtualTime
    void a_task_that_takes_too_long_is_killed_if_it_is_to(Concurrency tasks) {
        assertThat(
                        all(
                                Task.asyncStream(
                                        List.of(FOREVER, 1, FOREVER, 1),
                                        TestStreams::sleep,
                                        tasks.options()
                                                .withTimeout(PATIENCE, OnTimeout.KILL_TASK))))
                .containsExactly(exit(ExitReason.TIMEOUT), ok(1), exit(ExitReason.TIMEOUT), ok(1));

        assertNoMessages();
    }

    /// Source: `task_test.exs`, async_stream "with timeout and :zip_input_on_exit set to true".
    @ParameterizedTest
    @EnumSource
    @VirtualTime
    void a_task_that_takes_too_long_can_tell_its_element(Concurrency tasks) {
        assertThat(
                        all(
                                Task.asyncStream(
                                        List.of(1, FOREVER),
                                        TestStreams::sleep,
                                        tasks.options()
                                                .withZipInputOnExit(true)
                                                .withTimeout(PATIENCE, OnTimeout.KILL_TASK))))
                .containsExactly(ok(1), failed(FOREVER, ExitReason.TIMEOUT));
    }

    /// Source: `task_test.exs`, async_stream "with outer halt on failure and :zip_input_on_exit".
    @ParameterizedTest
    @EnumSource
    void failures_can_tell_their_elements(Concurrency tasks) {
        Processes.trapExits(true);

        assertThat(
                        take(
                                4,
                                Task.asyncStream(
                                        upTo(8),
                                        TestStreams::exits,
                                        tasks.options().withZipInputOnExit(true))))
                .containsExactly(failed(1, 1), failed(2, 2), failed(3, 3), failed(4, 4));
    }
}
