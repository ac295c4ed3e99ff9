package io.genserver.parity;

import static io.genserver.parity.TestTasks.ABNORMAL;
import static io.genserver.parity.TestTasks.blocked;
import static io.genserver.parity.TestTasks.ended;
import static io.genserver.parity.TestTasks.exit;
import static io.genserver.parity.TestTasks.ok;
import static io.genserver.parity.TestTasks.pid;
import static io.genserver.parity.TestTasks.repliedAndEnded;
import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.Task;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ElixirTaskShutdownTest {

    private static void assertNoDown() {
        assertThat(Processes.flush()).noneMatch(Down.class::isInstance);
    }

    private static Task<String> trapping() {
        Pid test = Processes.self();
        Task<String> task = Task.async(() -> TestTasks.blockTrapping(test));
        assertReceive("ready");
        return task;
    }

    /// Returns a task whose owner has already received its end.
    private static Task<String> handled() {
        Task<String> task = ended(ABNORMAL);
        assertThat(task.yield(Duration.ZERO)).contains(exit(ABNORMAL));
        return task;
    }

    @Nested
    class InTime {

        /// Source: `task_test.exs`, shutdown/2 "returns {:ok, result} when reply and abnormal :DOWN
        /// in message queue".
        @Test
        void prefers_the_result_to_an_abnormal_end() {
            assertThat(repliedAndEnded(ABNORMAL).shutdown()).contains(ok("result"));
            assertNoDown();
        }

        /// Source: `task_test.exs`, shutdown/2 "returns {:ok, result} when reply and normal :DOWN
        /// in message queue".
        @Test
        void prefers_the_result_to_a_normal_end() {
            assertThat(repliedAndEnded(ExitReason.NORMAL).shutdown()).contains(ok("result"));
            assertNoDown();
        }

        /// Source: `task_test.exs`, shutdown/2 "returns {:ok, result} when reply and shut down
        /// :DOWN in message queue".
        @Test
        void prefers_the_result_to_a_shutdown() {
            assertThat(repliedAndEnded(ExitReason.SHUTDOWN).shutdown()).contains(ok("result"));
            assertNoDown();
        }

        /// Source: `task_test.exs`, shutdown/2 "returns nil on shutting down task".
        @Test
        void is_empty_when_the_task_ends_as_told() {
            Task<String> task = blocked();

            assertThat(task.shutdown()).isEmpty();

            assertThat(Processes.isAlive(pid(task))).isFalse();
            TestTasks.assertNoMessages();
        }

        /// Source: `task_test.exs`, shutdown/2 "returns exit on abnormal :DOWN in message queue".
        @Test
        void tells_of_an_abnormal_end() {
            assertThat(ended(ABNORMAL).shutdown()).contains(exit(ABNORMAL));
        }

        /// Source: `task_test.exs`, shutdown/2 "returns exit on normal :DOWN in message queue".
        @Test
        void tells_of_a_normal_end() {
            assertThat(ended(ExitReason.NORMAL).shutdown()).contains(exit(ExitReason.NORMAL));
        }

        /// Source: `task_test.exs`, shutdown/2 "returns nil on shutdown :DOWN in message queue".
        @Test
        void is_empty_when_the_task_had_shut_down() {
            assertThat(ended(ExitReason.SHUTDOWN).shutdown()).isEmpty();
        }

        /// Source: `task_test.exs`, shutdown/2 "returns exit on killed :DOWN in message queue".
        @Test
        void tells_of_a_kill_by_others() {
            assertThat(ended(ExitReason.KILLED).shutdown()).contains(exit(ExitReason.KILLED));
        }

        /// Source: `task_test.exs`, shutdown/2 "ignores if task PID is nil".
        @Test
        void of_a_completed_task_is_its_result() {
            assertThat(Task.completed("done").shutdown()).contains(ok("done"));
        }

        /// Source: `task_test.exs`, shutdown/2 "raises when invoked from a non-owner process".
        @Test
        void is_refused_to_others_than_the_owner() {
            Task<String> task = TestTasks.ofAnother();

            assertThatThrownBy(task::shutdown)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("by its owner " + task.owner().orElseThrow());
        }

        /// Source: `task_test.exs`, shutdown/2 "returns nil on killing task".
        @Test
        void kills_a_task_that_traps_exits() {
            Task<String> task = trapping();

            assertThat(task.shutdown(Shutdown.brutalKill())).isEmpty();

            assertThat(Processes.isAlive(pid(task))).isFalse();
            TestTasks.assertNoMessages();
        }

        /// Source: `task_test.exs`, shutdown/2 "returns {:exit, :noproc} if task handled".
        @Test
        void finds_no_process_if_its_end_was_heard_of_before() {
            assertThat(handled().shutdown()).contains(exit(ExitReason.NOPROC));
        }
    }

    @Nested
    class Brutal {

        /// Source: `task_test.exs`, shutdown/2 with :brutal_kill "returns {:ok, result} when reply
        /// and abnormal :DOWN in message queue".
        @Test
        void prefers_the_result_to_an_abnormal_end() {
            assertThat(repliedAndEnded(ABNORMAL).shutdown(Shutdown.brutalKill()))
                    .contains(ok("result"));
            assertNoDown();
        }

        /// Source: `task_test.exs`, shutdown/2 with :brutal_kill "returns {:ok, result} when reply
        /// and normal :DOWN in message queue".
        @Test
        void prefers_the_result_to_a_normal_end() {
            assertThat(repliedAndEnded(ExitReason.NORMAL).shutdown(Shutdown.brutalKill()))
                    .contains(ok("result"));
            assertNoDown();
        }

        /// Source: `task_test.exs`, shutdown/2 with :brutal_kill "returns {:ok, result} when reply
        /// and shut down :DOWN in message queue".
        @Test
        void prefers_the_result_to_a_shutdown() {
            assertThat(repliedAndEnded(ExitReason.SHUTDOWN).shutdown(Shutdown.brutalKill()))
                    .contains(ok("result"));
            assertNoDown();
        }

        /// Source: `task_test.exs`, shutdown/2 with :brutal_kill "returns nil on killed :DOWN in
        /// message queue".
        @Test
        void is_empty_when_the_task_had_been_killed() {
            assertThat(ended(ExitReason.KILLED).shutdown(Shutdown.brutalKill())).isEmpty();
        }

        /// Source: `task_test.exs`, shutdown/2 with :brutal_kill "returns exit on abnormal :DOWN in
        /// message queue".
        @Test
        void tells_of_an_abnormal_end() {
            assertThat(ended(ABNORMAL).shutdown(Shutdown.brutalKill())).contains(exit(ABNORMAL));
        }

        /// Source: `task_test.exs`, shutdown/2 with :brutal_kill "returns exit on normal :DOWN in
        /// message queue".
        @Test
        void tells_of_a_normal_end() {
            assertThat(ended(ExitReason.NORMAL).shutdown(Shutdown.brutalKill()))
                    .contains(exit(ExitReason.NORMAL));
        }

        /// Source: `task_test.exs`, shutdown/2 with :brutal_kill "returns exit on shutdown :DOWN in
        /// message queue".
        @Test
        void tells_of_a_shutdown() {
            assertThat(ended(ExitReason.SHUTDOWN).shutdown(Shutdown.brutalKill()))
                    .contains(exit(ExitReason.SHUTDOWN));
        }

        /// Source: `task_test.exs`, shutdown/2 with :brutal_kill "returns exit on killing task
        /// after shutdown timeout".
        @Test
        void tells_that_a_task_had_to_be_killed() {
            Task<String> task = trapping();

            assertThat(task.shutdown(Shutdown.within(Duration.ofMillis(1))))
                    .contains(exit(ExitReason.KILLED));

            TestTasks.assertNoMessages();
        }

        /// Source: `task_test.exs`, shutdown/2 with :brutal_kill "returns {:exit, :noproc} if task
        /// handled".
        @Test
        void finds_no_process_if_its_end_was_heard_of_before() {
            assertThat(handled().shutdown(Shutdown.brutalKill())).contains(exit(ExitReason.NOPROC));
        }
    }
}
