package io.genserver.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Agent;
import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.supervisor.AutoShutdown;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.ChildCount;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.PartitionSupervisor;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ElixirPartitionSupervisorTest {

    private static final String NAME = "ElixirPartitionSupervisorTest";

    /// Eight agents. The state of each is its number.
    private final PartitionSupervisor agents =
            PartitionSupervisor.of(NAME, ElixirPartitionSupervisorTest::agent).withPartitions(8);

    private final PartitionSupervisor supervisors =
            PartitionSupervisor.of(
                            NAME,
                            i -> DynamicSupervisor.childSpec(i, DynamicSupervisorFlags.DEFAULT))
                    .withPartitions(8);

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    private static ChildSpec<?> agent(int number) {
        return ChildSpec.worker("any", () -> Agent.startLink(() -> number));
    }

    private static int state(ServerRef agent) {
        return Agent.<Integer, Integer>get(agent, state -> state);
    }

    private void start(PartitionSupervisor partitions) {
        test.startSupervised(partitions.childSpec());
    }

    /// Source: `partition_supervisor_test.exs`, 1 "child_spec/1 uses the atom name as id".
    @Test
    void a_child_spec_has_the_name_for_an_id() {
        ChildSpec<?> spec = agents.childSpec();

        assertThat(spec.id()).isEqualTo(NAME);
        assertThat(spec.type()).isEqualTo(ChildSpec.Type.SUPERVISOR);
        assertThat(spec.restart()).isEqualTo(Restart.PERMANENT);
        assertThat(spec.shutdown()).isEqualTo(Shutdown.infinity());
    }

    /// Source: `partition_supervisor_test.exs`, 3 "start_link/1 on success with atom name".
    @Test
    void a_key_leads_to_a_partition_and_always_to_the_same() {
        start(agents);

        assertThat(agents.partitions()).isEqualTo(8);
        for (int i = 0; i < 8; i++) {
            assertThat(state(agents.via(i))).isEqualTo(i);
            assertThat(state(agents.via((long) i + 16))).isEqualTo(i);
            assertThat(state(agents.via(-i))).isEqualTo(i);
        }
        assertThat(state(agents.via(Integer.MIN_VALUE))).isBetween(0, 7);
        assertThat(state(agents.via(Long.MIN_VALUE))).isBetween(0, 7);
        for (Object key : List.of("a", 'b', List.of(1, 2), 1.5, Processes.self())) {
            assertThat(state(agents.via(key))).isBetween(0, 7).isEqualTo(state(agents.via(key)));
        }
        assertThat(
                        IntStream.range(0, 200)
                                .map(i -> state(agents.via("key " + i)))
                                .distinct()
                                .count())
                .isEqualTo(8);
    }

    /// Source: `partition_supervisor_test.exs`, 5 "start_link/1 with_arguments". Here a function
    /// makes each child from its number.
    @Test
    void each_partition_has_a_child_of_its_own() {
        start(agents);

        assertThat(numbers(agents))
                .isEqualTo(
                        IntStream.range(0, 8)
                                .boxed()
                                .collect(Collectors.toMap(i -> i, i -> Optional.of(i))));
    }

    /// Returns the number of the agent of each partition.
    private static Map<Object, Optional<Integer>> numbers(PartitionSupervisor partitions) {
        return partitions.whichChildren().stream()
                .collect(
                        Collectors.toMap(
                                Child::id,
                                child -> child.pid().map(ElixirPartitionSupervisorTest::state)));
    }

    /// Source: `partition_supervisor_test.exs`, 6 "start_link/1 without name".
    @Test
    void a_name_is_needed() {
        assertThatThrownBy(() -> PartitionSupervisor.of("", ElixirPartitionSupervisorTest::agent))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a name");
    }

    /// Source: `partition_supervisor_test.exs`, 7 "start_link/1 without child_spec".
    @Test
    @SuppressWarnings("NullAway") // null is the mistake
    void a_child_is_needed() {
        assertThatThrownBy(() -> PartitionSupervisor.of(NAME, null))
                .hasMessage("expected a value for child, got: null");
    }

    /// Source: `partition_supervisor_test.exs`, 8 "start_link/1 with bad partitions".
    @Test
    void one_partition_is_the_least() {
        assertThatThrownBy(() -> agents.withPartitions(0))
                .hasMessage("expected 1 partition or more, got: 0");
        assertThatThrownBy(() -> agents.withPartitions(-1))
                .hasMessage("expected 1 partition or more, got: -1");
    }

    /// Source: `partition_supervisor_test.exs`, 10 "start_link/1 with bad auto_shutdown".
    @Test
    void an_auto_shutdown_is_refused() {
        SupervisorFlags flags =
                SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                        .withAutoShutdown(AutoShutdown.ANY_SIGNIFICANT);

        assertThatThrownBy(() -> agents.withFlags(flags))
                .hasMessage(
                        "expected the flags of a partition supervisor without auto-shutdown, got:"
                                + " ANY_SIGNIFICANT");
    }

    /// Source: `partition_supervisor_test.exs`, 11 "stop/1 is synchronous".
    @Test
    void a_stop_returns_when_all_have_ended() {
        Pid supervisor = agents.startLink().pid();
        List<Pid> all =
                agents.whichChildren().stream().flatMap(child -> child.pid().stream()).toList();

        agents.stop();

        assertThat(all).hasSize(8).noneMatch(Processes::isAlive);
        assertThat(Processes.isAlive(supervisor)).isFalse();
        assertThat(Processes.whereis(NAME)).isEmpty();
    }

    /// Source: `partition_supervisor_test.exs`, 13 "partitions/1 raises noproc for unknown atom
    /// partition supervisor".
    @Test
    void one_that_does_not_run_is_refused() {
        assertThatThrownBy(agents::partitions)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "expected the partition supervisor "
                                + NAME
                                + " to run, but it does not: start it, or have it as a child of a"
                                + " supervisor");
        assertThatThrownBy(() -> state(agents.via(1)))
                .isInstanceOfSatisfying(
                        CallException.class,
                        failed -> assertThat(failed.serverReason()).isEqualTo(ExitReason.NOPROC))
                .hasMessageContaining("expected the partition supervisor " + NAME + " to run");
        assertThat(GenServer.whereis(agents.via(1))).isEmpty();
        assertThatThrownBy(() -> agents.resize(1)).isInstanceOf(IllegalStateException.class);
    }

    /// Source: `partition_supervisor_test.exs`, 15 "resize!/1 resizes the number of children".
    @Test
    void fewer_partitions_may_be_used_and_more_again() {
        start(agents);

        assertThat(agents.resize(6)).isEqualTo(8);
        assertUsed(6);
        assertThat(agents.resize(0)).isEqualTo(6);
        assertThat(agents.resize(8)).isZero();
        assertUsed(8);
        assertThat(agents.resize(3)).isEqualTo(8);
        assertUsed(3);
        assertThat(agents.resize(3)).isEqualTo(3);
        assertThat(agents.resize(5)).isEqualTo(3);
        assertUsed(5);
    }

    private void assertUsed(int count) {
        assertThat(agents.partitions()).isEqualTo(count);
        assertThat(agents.countChildren()).isEqualTo(new ChildCount(8, count, 0, 8));
        assertThat(numbers(agents))
                .isEqualTo(
                        IntStream.range(0, 8)
                                .boxed()
                                .collect(
                                        Collectors.toMap(
                                                i -> i,
                                                i -> Optional.of(i).filter(n -> n < count))));
        assertThat(Stream.iterate(0, i -> i + 1).limit(20).map(i -> state(agents.via(i))))
                .isEqualTo(IntStream.range(0, 20).mapToObj(i -> i % count).toList());
    }

    /// Source: `partition_supervisor_test.exs`, 16 "resize!/1 to zero".
    @Test
    void with_no_partition_in_use_a_key_leads_nowhere() {
        start(agents);

        assertThat(agents.resize(0)).isEqualTo(8);

        assertThatThrownBy(() -> state(agents.via(0)))
                .isInstanceOfSatisfying(
                        CallException.class,
                        failed -> assertThat(failed.serverReason()).isEqualTo(ExitReason.NOPROC))
                .hasMessageContaining(
                        "expected the partition supervisor "
                                + NAME
                                + " to have partitions, but it has been resized to zero partitions");
        assertThat(agents.resize(8)).isZero();
        assertUsed(8);
    }

    /// Source: `partition_supervisor_test.exs`, 17 "resize!/1 raises on lack of partitions".
    @Test
    void more_partitions_than_at_the_start_are_refused() {
        start(agents);

        assertThatThrownBy(() -> agents.resize(9)).hasMessage("expected 0 to 8 partitions, got: 9");
        assertThatThrownBy(() -> agents.resize(-1))
                .hasMessage("expected 0 to 8 partitions, got: -1");
        assertUsed(8);
    }

    /// Source: `partition_supervisor_test.exs`, 18 "which_children/1 returns all partitions".
    @Test
    void all_partitions_are_listed() {
        start(agents);

        assertThat(agents.whichChildren())
                .extracting(Child::id)
                .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(agents.whichChildren())
                .allMatch(child -> child.type() == ChildSpec.Type.WORKER && !child.restarting());
    }

    /// Source: `partition_supervisor_test.exs`, 19 "count_children/1 with workers".
    @Test
    void workers_are_counted() {
        start(agents);

        assertThat(agents.countChildren()).isEqualTo(new ChildCount(8, 8, 0, 8));
    }

    /// Source: `partition_supervisor_test.exs`, 20 "count_children/1 with supervisors".
    @Test
    void supervisors_are_counted_and_start_children_by_key() {
        start(supervisors);

        assertThat(supervisors.countChildren()).isEqualTo(new ChildCount(8, 8, 8, 0));
        for (int i = 0; i < 16; i++) {
            DynamicSupervisor.startChild(supervisors.via(i), agent(i)).pid();
        }
        for (int i = 0; i < 8; i++) {
            assertThat(Supervisor.whichChildren(supervisors.via(i)))
                    .extracting(child -> state(child.pid().orElseThrow()))
                    .containsExactly(i, i + 8);
        }
    }

    /// Source: `partition_supervisor_test.exs`, 21 "count_children/1 raises noproc for unknown
    /// partition supervisor".
    @Test
    void the_children_of_one_that_does_not_run_are_not_to_be_had() {
        assertThatThrownBy(agents::countChildren).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(agents::whichChildren).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(agents::stop).isInstanceOf(IllegalStateException.class);
    }
}
