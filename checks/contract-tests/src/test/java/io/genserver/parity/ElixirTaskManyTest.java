package io.genserver.parity;

import static io.genserver.parity.TestTasks.GO;
import static io.genserver.parity.TestTasks.assertNoMessages;
import static io.genserver.parity.TestTasks.blocked;
import static io.genserver.parity.TestTasks.ended;
import static io.genserver.parity.TestTasks.exit;
import static io.genserver.parity.TestTasks.exitOf;
import static io.genserver.parity.TestTasks.ofAnother;
import static io.genserver.parity.TestTasks.ok;
import static io.genserver.parity.TestTasks.pid;
import static io.genserver.parity.TestTasks.reply;
import static io.genserver.parity.TestTasks.untilDown;
import static io.genserver.parity.TestTasks.waiting;
import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.supervisor.Task;
import io.genserver.supervisor.Task.OnTimeout;
import io.genserver.supervisor.Task.Yielded;
import io.genserver.supervisor.TaskExitException;
import io.genserver.supervisor.TaskResult;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Waits for several tasks.
@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ElixirTaskManyTest {

    private static Task<String> exiting(ExitReason reason) {
        return Task.async(() -> {
            throw Processes.exit(reason);
        });
    }

    @Nested
    class AwaitMany {

        /// Returns the exit of a wait for two tasks, one that never ends and one that runs
        /// `second`.
        private static TaskExitException exitBesides(Callable<String> second) {
            Processes.trapExits(true);
            List<Task<String>> tasks = List.of(blocked(), Task.async(second));
            TaskExitException exit = exitOf(() -> Task.awaitMany(tasks));
            assertThat(exit).hasMessageContaining("Task.awaitMany of " + tasks);
            tasks.forEach(task -> Processes.exit(pid(task), ExitReason.KILL));
            tasks.forEach(TestTasks::untilDown);
            assertThat(Processes.flush())
                    .noneMatch(message -> message instanceof Down || message instanceof Task.Reply);
            return exit;
        }

        /// Source: `task_test.exs`, await_many/2 "returns list of replies".
        @Test
        void returns_the_results() {
            List<Task<Integer>> tasks =
                    List.of(Task.async(() -> 1), Task.async(() -> 3), Task.async(() -> 9));

            assertThat(Task.awaitMany(tasks)).containsExactly(1, 3, 9);
            assertNoMessages();
        }

        /// Source: `task_test.exs`, await_many/2 "returns replies in input order ignoring response
        /// order".
        @Test
        void keeps_the_order_of_the_tasks() {
            List<Task<String>> tasks = List.of(waiting(), waiting(), waiting());
            reply(tasks.get(1), "3");
            reply(tasks.get(2), "9");
            reply(tasks.get(0), "1");

            assertThat(Task.awaitMany(tasks)).containsExactly("1", "3", "9");
        }

        /// Source: `task_test.exs`, await_many/2 "returns an empty list immediately".
        @Test
        void of_no_tasks_returns_nothing() {
            assertThat(Task.awaitMany(List.<Task<String>>of())).isEmpty();
        }

        /// Source: `task_test.exs`, await_many/2 "ignores messages from other processes".
        @Test
        void leaves_the_messages_of_others() {
            Ref other = Processes.alias();
            List<Object> foreign =
                    List.of(
                            other,
                            new Task.Reply(other, "z"),
                            new Down(other, Processes.self(), ExitReason.of("goodbye")));
            foreign.forEach(message -> Processes.send(Processes.self(), message));

            assertThat(Task.awaitMany(List.of(Task.async(() -> "a"), Task.async(() -> "b"))))
                    .containsExactly("a", "b");

            assertThat(Processes.flush()).isEqualTo(foreign);
        }

        /// Source: `task_test.exs`, await_many/2 "ignores additional messages after reply".
        @Test
        void leaves_a_second_reply_of_a_task() {
            List<Task<String>> tasks = List.of(waiting(), waiting());
            reply(tasks.get(1), "b");
            reply(tasks.get(1), "other");
            reply(tasks.get(0), "a");

            assertThat(Task.awaitMany(tasks)).containsExactly("a", "b");

            assertThat(Processes.flush())
                    .containsExactly(new Task.Reply(tasks.get(1).ref(), "other"));
        }

        /// Source: `task_test.exs`, await_many/2 "exits on timeout".
        @Test
        void exits_when_the_time_is_over() {
            List<Task<String>> tasks = List.of(waiting());

            TaskExitException late = exitOf(() -> Task.awaitMany(tasks, Duration.ZERO));

            assertThat(late.reason())
                    .isEqualTo(
                            new ExitReason.FailedCall(
                                    ExitReason.TIMEOUT, "Task.awaitMany of " + tasks));
            Processes.send(pid(tasks.getFirst()), GO);
            untilDown(tasks.getFirst());
            assertNoMessages();
        }

        /// Source: `task_test.exs`, await_many/2 "exits with same reason when task exits".
        @Test
        void exits_with_the_reason_of_the_task() {
            List<Task<String>> tasks = List.of(exiting(ExitReason.NORMAL));

            assertThat(exitOf(() -> Task.awaitMany(tasks)).taskReason())
                    .isEqualTo(ExitReason.NORMAL);
        }

        /// Source: `task_test.exs`, await_many/2 "exits immediately when any task exits".
        @Test
        void exits_at_once_when_any_task_exits() {
            assertThat(
                            exitBesides(
                                            () -> {
                                                throw Processes.exit(ExitReason.NORMAL);
                                            })
                                    .taskReason())
                    .isEqualTo(ExitReason.NORMAL);
        }

        /// Source: `task_test.exs`, await_many/2 "exits immediately when any task crashes".
        @Test
        void exits_at_once_when_any_task_crashes() {
            assertThat(
                            exitBesides(
                                            () -> {
                                                throw Processes.exit(ExitReason.of("unknown"));
                                            })
                                    .taskReason())
                    .isEqualTo(ExitReason.of("unknown"));
        }

        /// Source: `task_test.exs`, await_many/2 "exits immediately when any task throws".
        @Test
        void exits_at_once_when_any_task_throws_a_checked_exception() {
            assertThat(
                            exitBesides(() -> {
                                throw new java.io.IOException("unknown");
                            }))
                    .hasRootCauseInstanceOf(java.io.IOException.class);
        }

        /// Source: `task_test.exs`, await_many/2 "exits immediately on any task error".
        @Test
        void exits_at_once_when_any_task_throws_an_error() {
            assertThat(
                            exitBesides(() -> {
                                throw new IllegalStateException("oops");
                            }))
                    .hasRootCauseMessage("oops");
        }

        /// Source: `task_test.exs`, await_many/2 "raises when invoked from a non-owner process".
        @Test
        void is_refused_to_others_than_the_owner() {
            Task<String> foreign = ofAnother();
            List<Task<String>> tasks = List.of(waiting(), foreign);

            assertThatThrownBy(() -> Task.awaitMany(tasks, Duration.ofMillis(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("by its owner " + foreign.owner().orElseThrow());
        }
    }

    @Nested
    class YieldMany {

        private static Yielded<String> yielded(Task<String> task, TaskResult<String> result) {
            return new Yielded<>(task, Optional.of(result));
        }

        private static Yielded<String> nothing(Task<String> task) {
            return new Yielded<>(task, Optional.empty());
        }

        /// Source: `task_test.exs`, yield_many/2 "returns {:ok, result} when reply and :DOWN in
        /// message queue".
        @Test
        void prefers_the_result_to_the_end() {
            Task<String> task = TestTasks.repliedAndEnded(TestTasks.ABNORMAL);

            assertThat(Task.yieldMany(List.of(task), Duration.ZERO))
                    .containsExactly(yielded(task, ok("result")));

            assertThat(Processes.flush()).noneMatch(Down.class::isInstance);
        }

        /// Source: `task_test.exs`, yield_many/2 "returns nil on timeout by default".
        @Test
        void is_empty_when_the_time_is_over() {
            Task<String> task = waiting();

            assertThat(Task.yieldMany(List.of(task), Duration.ZERO)).containsExactly(nothing(task));

            Processes.send(pid(task), GO);
            assertThat(task.await()).isEqualTo("done");
        }

        /// Source: `task_test.exs`, yield_many/2 "shuts down on timeout when configured".
        @Test
        void kills_when_the_time_is_over_if_it_is_to() {
            Processes.trapExits(true);
            Task<String> task = blocked();

            assertThat(Task.yieldMany(List.of(task), Duration.ZERO, OnTimeout.KILL_TASK, 1))
                    .containsExactly(nothing(task));

            assertThat(Processes.isAlive(pid(task))).isFalse();
            assertNoMessages();
        }

        /// Source: `task_test.exs`, yield_many/2 "ignores on timeout when configured".
        @Test
        void ignores_when_the_time_is_over_if_it_is_to() {
            Task<String> task = waiting();

            assertThat(Task.yieldMany(List.of(task), Duration.ZERO, OnTimeout.IGNORE, 1))
                    .containsExactly(nothing(task));

            assertThat(Processes.isAlive(pid(task))).isTrue();
            Processes.send(pid(task), GO);
            untilDown(task);
            assertThat(task.yield(Duration.ZERO)).isEmpty();
        }

        /// Source: `task_test.exs`, yield_many/2 "return exit on normal exit".
        @Test
        void tells_of_a_normal_exit() {
            Task<String> task = exiting(ExitReason.NORMAL);

            assertThat(Task.yieldMany(List.of(task), Duration.ofSeconds(5)))
                    .containsExactly(yielded(task, exit(ExitReason.NORMAL)));
        }

        /// Source: `task_test.exs`, yield_many/2 "raises when invoked from a non-owner process".
        @Test
        void is_refused_to_others_than_the_owner() {
            Task<String> task = ofAnother();

            assertThatThrownBy(() -> Task.yieldMany(List.of(task), Duration.ofMillis(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("by its owner " + task.owner().orElseThrow());
        }

        /// Source: `task_test.exs`, yield_many/2 "returns results from multiple tasks".
        @Test
        void tells_of_each_task_in_their_order() {
            Task<String> third = ended(ExitReason.NORMAL);
            Task<String> first = waiting();
            Task<String> second = waiting();
            reply(first, "result");

            assertThat(Task.yieldMany(List.of(first, second, third), Duration.ZERO))
                    .containsExactly(
                            yielded(first, ok("result")),
                            nothing(second),
                            yielded(third, exit(ExitReason.NORMAL)));
        }

        /// Source: `task_test.exs`, yield_many/2 "returns results from multiple tasks with limit".
        @Test
        void stops_when_as_many_as_wanted_have_ended() {
            Processes.trapExits(true);
            Task<String> first = waiting();
            Task<String> second = waiting();
            reply(first, "result");
            Task<String> third = ended(ExitReason.NORMAL);

            assertThat(
                            Task.yieldMany(
                                    List.of(first, second, third),
                                    GenServer.INFINITY,
                                    OnTimeout.NOTHING,
                                    1))
                    .containsExactly(yielded(first, ok("result")), nothing(second), nothing(third));
            assertThat(
                            Task.yieldMany(
                                    List.of(second, third),
                                    GenServer.INFINITY,
                                    OnTimeout.NOTHING,
                                    1))
                    .containsExactly(nothing(second), yielded(third, exit(ExitReason.NORMAL)));
        }

        /// Source: `task_test.exs`, yield_many/2 "returns once all tasks have replied below limit".
        @Test
        void returns_when_all_have_ended_though_more_were_wanted() {
            Pid test = Processes.self();

            Processes.spawnLink(() -> {
                Task<String> task = Task.async(() -> "done");
                Processes.send(
                        test,
                        Task.yieldMany(List.of(task), GenServer.INFINITY, OnTimeout.NOTHING, 2)
                                .getFirst()
                                .result());
            });

            assertReceive(Optional.of(ok("done")));
        }

        /// Source: `task_test.exs`, yield_many/2 "returns results from multiple tasks with limit
        /// and on timeout".
        @Test
        void a_limit_that_is_reached_kills_nobody() {
            Processes.trapExits(true);
            Task<String> first = blocked();
            Task<String> second = Task.async(() -> "done");

            assertThat(
                            Task.yieldMany(
                                    List.of(first, second),
                                    GenServer.INFINITY,
                                    OnTimeout.KILL_TASK,
                                    1))
                    .containsExactly(nothing(first), yielded(second, ok("done")));
            assertThat(Processes.isAlive(pid(first))).isTrue();

            assertThat(Task.yieldMany(List.of(first), Duration.ZERO, OnTimeout.KILL_TASK, 1))
                    .containsExactly(nothing(first));
            assertThat(Processes.isAlive(pid(first))).isFalse();
        }

        /// Source: `task_test.exs`, yield_many/2 "returns results on infinity timeout".
        @Test
        void may_wait_without_a_limit() {
            Processes.trapExits(true);
            Task<String> first = waiting();
            Task<String> second = waiting();
            Task<String> third = ended(ExitReason.NORMAL);
            reply(first, "one");
            reply(second, "two");

            assertThat(Task.yieldMany(List.of(first, second, third), GenServer.INFINITY))
                    .containsExactly(
                            yielded(first, ok("one")),
                            yielded(second, ok("two")),
                            yielded(third, exit(ExitReason.NORMAL)));
        }
    }
}
