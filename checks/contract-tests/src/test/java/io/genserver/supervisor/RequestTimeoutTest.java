package io.genserver.supervisor;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Agent;
import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Sys;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Requests to a supervisor that does not answer in time.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class RequestTimeoutTest {

    private static final Duration SHORT = Duration.ofMillis(1);
    private static final Duration LONG = Duration.ofSeconds(20);

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    private static ChildSpec<?> announcing(Pid test) {
        return ChildSpec.worker(
                "late",
                () ->
                        Agent.startLink(() -> {
                            Processes.send(test, "started");
                            return 1;
                        }));
    }

    private static void assertTimesOut(String asked, ThrowingCallable request) {
        assertThatThrownBy(request)
                .isInstanceOfSatisfying(
                        CallException.class,
                        failed -> assertThat(failed.serverReason()).isEqualTo(ExitReason.TIMEOUT))
                .hasMessageContaining(asked)
                .hasMessageContaining("timed out after");
    }

    @Test
    void of_a_supervisor_fail_with_what_was_asked() {
        ServerRef supervisor =
                Supervisor.startLink(List.of(), SupervisorFlags.of(Strategy.ONE_FOR_ONE)).pid();
        Sys.suspend(supervisor);
        ChildSpec<?> late = announcing(Processes.self());

        assertTimesOut("WhichChildren", () -> Supervisor.whichChildren(supervisor, SHORT));
        assertTimesOut("CountChildren", () -> Supervisor.countChildren(supervisor, SHORT));
        assertTimesOut("late", () -> Supervisor.startChild(supervisor, late, SHORT));
        Sys.resume(supervisor);

        assertReceive("started");
        assertThat(Supervisor.countChildren(supervisor, LONG).active()).isEqualTo(1);
        assertThat(Supervisor.whichChildren(supervisor, GenServer.INFINITY)).hasSize(1);
        assertThat(Supervisor.startChild(supervisor, late.withId("other"), LONG).pid()).isNotNull();
        Supervisor.stop(supervisor);
    }

    @Test
    void of_a_dynamic_supervisor_fail_with_what_was_asked() {
        ServerRef supervisor = DynamicSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
        Sys.suspend(supervisor);
        ChildSpec<?> late = announcing(Processes.self());

        assertTimesOut("WhichChildren", () -> DynamicSupervisor.whichChildren(supervisor, SHORT));
        assertTimesOut("CountChildren", () -> DynamicSupervisor.countChildren(supervisor, SHORT));
        assertTimesOut("late", () -> DynamicSupervisor.startChild(supervisor, late, SHORT));
        assertTimesOut(
                "made from the extra argument",
                () -> DynamicSupervisor.startChild(supervisor, _ -> late, SHORT));
        Sys.resume(supervisor);

        assertReceive("started");
        assertReceive("started");
        assertThat(DynamicSupervisor.countChildren(supervisor, LONG).active()).isEqualTo(2);
        assertThat(DynamicSupervisor.whichChildren(supervisor, LONG)).hasSize(2);
        Supervisor.stop(supervisor);
    }

    @Test
    void of_a_partition_supervisor_fail_with_what_was_asked() {
        PartitionSupervisor partitions =
                PartitionSupervisor.of(
                                "RequestTimeoutTest",
                                i -> ChildSpec.worker(i, () -> Agent.startLink(() -> i)))
                        .withPartitions(2);
        test.startSupervised(partitions.childSpec());
        ServerRef supervisor = ServerRef.name("RequestTimeoutTest");
        Sys.suspend(supervisor);

        assertTimesOut("WhichChildren", () -> partitions.whichChildren(SHORT));
        assertTimesOut("CountChildren", () -> partitions.countChildren(SHORT));
        Sys.resume(supervisor);

        assertThat(partitions.whichChildren(LONG)).hasSize(2);
        assertThat(partitions.countChildren(LONG).active()).isEqualTo(2);
    }

    @Test
    void of_a_task_supervisor_fail_with_what_was_asked() {
        ServerRef supervisor = TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
        Pid me = Processes.self();
        Sys.suspend(supervisor);

        assertTimesOut("WhichChildren", () -> TaskSupervisor.children(supervisor, SHORT));
        assertTimesOut(
                "StartDynamicChild",
                () ->
                        TaskSupervisor.startChild(
                                supervisor, () -> Processes.send(me, "ran"), SHORT));
        Sys.resume(supervisor);

        assertReceive("ran");
        Pid task =
                TaskSupervisor.startChild(supervisor, () -> Processes.receive(_ -> null), LONG)
                        .pid();
        assertThat(TaskSupervisor.children(supervisor, LONG)).contains(task);
        Supervisor.stop(supervisor);
    }

    @Test
    void with_a_negative_limit_are_refused() {
        ServerRef nobody = ServerRef.name("nobody");
        Duration negative = Duration.ofNanos(-1);
        ChildSpec<?> child = announcing(Processes.self());
        List<ThrowingCallable> requests =
                List.of(
                        () -> Supervisor.whichChildren(nobody, negative),
                        () -> Supervisor.countChildren(nobody, negative),
                        () -> Supervisor.startChild(nobody, child, negative),
                        () -> DynamicSupervisor.startChild(nobody, child, negative));

        assertThat(requests)
                .allSatisfy(request ->
                        assertThatThrownBy(request).isInstanceOf(IllegalArgumentException.class));
    }
}
