package io.genserver.parity;

import static io.genserver.parity.TestStreams.DEFAULTS;
import static io.genserver.parity.TestStreams.FOREVER;
import static io.genserver.parity.TestStreams.PATIENCE;
import static io.genserver.parity.TestStreams.all;
import static io.genserver.parity.TestStreams.downFrom;
import static io.genserver.parity.TestStreams.exits;
import static io.genserver.parity.TestStreams.failed;
import static io.genserver.parity.TestStreams.oks;
import static io.genserver.parity.TestStreams.take;
import static io.genserver.parity.TestStreams.upTo;
import static io.genserver.parity.TestTasks.assertNoMessages;
import static io.genserver.parity.TestTasks.links;
import static io.genserver.parity.TestTasks.ok;
import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.StreamOptions;
import io.genserver.supervisor.StreamOptions.OnTimeout;
import io.genserver.supervisor.Task;
import io.genserver.supervisor.TaskResult;
import io.genserver.supervisor.TaskSupervisor;
import io.genserver.test.GenServerExtension;
import io.genserver.test.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ElixirTaskSupervisorStreamTest {

    private static final StreamOptions FOUR = DEFAULTS.withMaxConcurrency(4);

    private Pid test;
    private Pid supervisor;

    @BeforeEach
    void start() {
        test = Processes.self();
        supervisor = TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
    }

    private static Pid withRoomForOne() {
        return TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT.withMaxChildren(1)).pid();
    }

    private static final List<Integer> ONE_ENDS = List.of(0, FOREVER, FOREVER, FOREVER);
    private static final List<Integer> NONE_ENDS = List.of(FOREVER, FOREVER, FOREVER);

    @Nested
    class AsyncStream {

        private Stream<TaskResult<Integer>> stream(
                List<Integer> elements, Function<Integer, Integer> function) {
            return TaskSupervisor.asyncStream(supervisor, elements, function, DEFAULTS);
        }

        /// Source: `task/supervisor_test.exs`, async_stream "streams an enumerable with fun".
        @Test
        void a_function_is_run_on_each_element() {
            assertThat(all(stream(upTo(4), element -> TestStreams.sleep(element))))
                    .isEqualTo(oks(1, 2, 3, 4));
        }

        /// Source: `task/supervisor_test.exs`, async_stream "streams an enumerable without leaking
        /// tasks".
        @Test
        void no_messages_are_left() {
            assertThat(all(stream(upTo(4), TestStreams::sleep))).isEqualTo(oks(1, 2, 3, 4));

            assertNoMessages();
        }

        /// Source: `task/supervisor_test.exs`, async_stream "streams an enumerable with slowest
        /// first".
        @Test
        void the_order_is_kept_if_the_first_is_the_slowest() {
            Processes.trapExits(true);

            assertThat(all(stream(downFrom(4), TestStreams::sleep))).isEqualTo(oks(4, 3, 2, 1));
        }

        /// Source: `task/supervisor_test.exs`, async_stream "streams an enumerable with exits".
        @Test
        void failures_are_elements_for_a_consumer_that_traps_exits() {
            Processes.trapExits(true);

            assertThat(all(stream(upTo(4), TestStreams::exits))).isEqualTo(exits(1, 2, 3, 4));
        }

        /// Source: `task/supervisor_test.exs`, async_stream "shuts down unused tasks".
        @Test
        void tasks_that_are_not_wanted_are_ended() {
            assertThat(take(1, stream(ONE_ENDS, TestStreams::sleep))).isEqualTo(oks(0));

            assertThat(links()).containsExactly(supervisor);
            assertThat(TaskSupervisor.children(supervisor)).isEmpty();
        }

        /// Source: `task/supervisor_test.exs`, async_stream "shuts down unused tasks without
        /// leaking messages".
        @Test
        void tasks_that_are_not_wanted_leave_no_messages() {
            Processes.trapExits(true);

            assertThat(take(1, stream(ONE_ENDS, TestStreams::sleep))).isEqualTo(oks(0));

            assertNoMessages();
        }

        /// Source: `task/supervisor_test.exs`, async_stream "raises an error if :max_children is
        /// reached with clean stream shutdown".
        @Test
        void ends_cleanly_when_there_is_no_room() {
            Pid full = withRoomForOne();

            assertThatThrownBy(() ->
                            TaskSupervisor.<Integer, Integer>asyncStream(
                                            full,
                                            NONE_ENDS,
                                            TestStreams::sleep,
                                            DEFAULTS.withMaxConcurrency(2))
                                    .toList())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("expected room for one more task under " + full);

            assertThat(links()).containsExactly(supervisor, full);
            assertThat(TaskSupervisor.children(full)).isEmpty();
            assertNoMessages();
        }

        /// Returns the callers and the ancestors of the task.
        private static List<Object> origin() {
            return List.of(Processes.callers(), Processes.ancestors());
        }

        /// Source: `task/supervisor_test.exs`, async_stream "with $callers".
        @Test
        void tasks_know_on_whose_behalf_they_work_and_who_started_them() {
            all(
                    TaskSupervisor.asyncStream(
                            supervisor,
                            List.of(1),
                            _ -> {
                                Pid parent = Processes.self();
                                Processes.send(test, List.of("parent", parent, origin()));
                                return all(
                                        TaskSupervisor.asyncStream(
                                                supervisor,
                                                List.of(1),
                                                _ -> {
                                                    Processes.send(
                                                            test,
                                                            List.of("child", parent, origin()));
                                                    return "done";
                                                },
                                                DEFAULTS));
                            },
                            DEFAULTS));

            List<?> parent = assertReceive(List.class);
            List<?> child = assertReceive(List.class);
            Object pid = parent.get(1);
            assertThat(parent)
                    .isEqualTo(
                            List.of(
                                    "parent",
                                    pid,
                                    List.of(List.of(test), List.of(supervisor, test))));
            assertThat(child)
                    .isEqualTo(
                            List.of(
                                    "child",
                                    pid,
                                    List.of(List.of(pid, test), List.of(supervisor, test))));
        }

        /// Source: `task/supervisor_test.exs`, async_stream "consuming from another process".
        @Test
        void another_process_may_consume_it() {
            Stream<TaskResult<Integer>> stream =
                    stream(
                            List.of(1, 2, 3),
                            element -> {
                                Processes.send(test, element);
                                return element;
                            });

            Task.start(() -> all(stream));

            assertReceive(1);
            assertReceive(2);
            assertReceive(3);
        }

        /// Source: `task/supervisor_test.exs`, async_stream "with timeout and :zip_input_on_exit
        /// set to true".
        @Test
        @VirtualTime
        void a_task_that_takes_too_long_can_tell_its_element() {
            assertThat(
                            all(
                                    TaskSupervisor.asyncStream(
                                            supervisor,
                                            List.of(1, FOREVER),
                                            TestStreams::sleep,
                                            DEFAULTS.withZipInputOnExit(true)
                                                    .withTimeout(PATIENCE, OnTimeout.KILL_TASK))))
                    .containsExactly(ok(1), failed(FOREVER, ExitReason.TIMEOUT));
        }

        /// Source: `task/supervisor_test.exs`, async_stream "with outer halt on failure and
        /// :zip_input_on_exit".
        @Test
        void failures_can_tell_their_elements() {
            Processes.trapExits(true);

            assertThat(
                            take(
                                    4,
                                    TaskSupervisor.asyncStream(
                                            supervisor,
                                            upTo(8),
                                            TestStreams::exits,
                                            DEFAULTS.withZipInputOnExit(true))))
                    .containsExactly(failed(1, 1), failed(2, 2), failed(3, 3), failed(4, 4));
        }

        /// Source: `task/supervisor_test.exs`, async_stream "does not allow streaming with invalid
        /// :shutdown".
        @Test
        void a_negative_time_to_stop_is_refused() {
            assertThatThrownBy(() -> DEFAULTS.withShutdown(Shutdown.within(Duration.ofMillis(-1))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("expected a shutdown limit of 0 or more, got: PT-0.001S");
        }
    }

    @Nested
    class AsyncStreamNolink {

        private Stream<TaskResult<Integer>> stream(
                List<Integer> elements, Function<Integer, Integer> function) {
            return TaskSupervisor.asyncStreamNolink(supervisor, elements, function, FOUR);
        }

        /// Source: `task/supervisor_test.exs`, async_stream_nolink "streams an enumerable with
        /// fun".
        @Test
        void a_function_is_run_on_each_element() {
            assertThat(all(stream(upTo(4), element -> TestStreams.sleep(element))))
                    .isEqualTo(oks(1, 2, 3, 4));
        }

        /// Source: `task/supervisor_test.exs`, async_stream_nolink "streams an enumerable without
        /// leaking tasks".
        @Test
        void no_messages_are_left() {
            assertThat(all(stream(upTo(4), TestStreams::sleep))).isEqualTo(oks(1, 2, 3, 4));

            assertNoMessages();
        }

        /// Source: `task/supervisor_test.exs`, async_stream_nolink "streams an enumerable with
        /// slowest first".
        @Test
        void the_order_is_kept_if_the_first_is_the_slowest() {
            assertThat(all(stream(downFrom(4), TestStreams::sleep))).isEqualTo(oks(4, 3, 2, 1));
        }

        /// Source: `task/supervisor_test.exs`, async_stream_nolink "streams an enumerable with
        /// exits".
        @Test
        void failures_are_elements_and_hurt_nobody() {
            assertThat(all(stream(upTo(4), TestStreams::exits))).isEqualTo(exits(1, 2, 3, 4));

            assertNoMessages();
        }

        /// Source: `task/supervisor_test.exs`, async_stream_nolink "shuts down unused tasks".
        @Test
        void tasks_that_are_not_wanted_are_ended() {
            assertThat(take(1, stream(ONE_ENDS, TestStreams::sleep))).isEqualTo(oks(0));

            assertThat(links()).containsExactly(supervisor);
            assertThat(TaskSupervisor.children(supervisor)).isEmpty();
        }

        /// Source: `task/supervisor_test.exs`, async_stream_nolink "shuts down unused tasks without
        /// leaking messages".
        @Test
        void tasks_that_are_not_wanted_leave_no_messages() {
            assertThat(take(1, stream(ONE_ENDS, TestStreams::sleep))).isEqualTo(oks(0));

            assertNoMessages();
        }

        /// Source: `task/supervisor_test.exs`, async_stream_nolink "raises an error if
        /// :max_children is reached with clean stream shutdown".
        @Test
        void ends_cleanly_when_there_is_no_room() {
            Pid full = withRoomForOne();

            assertThatThrownBy(() ->
                            TaskSupervisor.<Integer, Integer>asyncStreamNolink(
                                            full,
                                            NONE_ENDS,
                                            TestStreams::sleep,
                                            DEFAULTS.withMaxConcurrency(2))
                                    .toList())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("expected room for one more task under " + full);

            assertThat(links()).containsExactly(supervisor, full);
            assertThat(TaskSupervisor.children(full)).isEmpty();
            assertNoMessages();
        }
    }
}
