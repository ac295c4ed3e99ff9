package io.genserver.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.ExitReason;
import io.genserver.Kid;
import io.genserver.Pid;
import io.genserver.Start;
import io.genserver.StartException;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Cases that Elixir's tests do not have.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class PartitionSupervisorTest {

    private static final String NAME = "PartitionSupervisorTest";

    private final AtomicBoolean broken = new AtomicBoolean();

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    private PartitionSupervisor started(Strategy strategy) {
        Pid me = io.genserver.Processes.self();
        PartitionSupervisor partitions =
                PartitionSupervisor.of(
                                NAME,
                                i ->
                                        ChildSpec.worker(
                                                i,
                                                () ->
                                                        broken.get()
                                                                ? new Start.Failed<>(
                                                                        ExitReason.of("broken"))
                                                                : new Kid(i, me, false)
                                                                        .startLink()))
                        .withPartitions(2)
                        .withFlags(SupervisorFlags.of(strategy));
        test.startSupervised(partitions.childSpec());
        return partitions;
    }

    @Test
    void a_partition_that_is_restarted_is_found_again() {
        PartitionSupervisor partitions = started(Strategy.ONE_FOR_ONE);
        Pid first = Kid.started(1);
        assertThat(partitions.whereisName(1)).contains(first);

        Kid.end(first, ExitReason.of("crash"));

        Pid second = Kid.started(1);
        assertThat(partitions.whichChildren()).hasSize(2); // returns after the restart
        assertThat(partitions.whereisName(1)).contains(second);
    }

    @Test
    void a_partition_that_does_not_start_again_is_not_used() {
        PartitionSupervisor partitions = started(Strategy.ONE_FOR_ONE);
        partitions.resize(1);
        broken.set(true);

        assertThatThrownBy(() -> partitions.resize(2))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("broken");

        assertThat(partitions.partitions()).isEqualTo(1);
        broken.set(false);
        assertThat(partitions.resize(2)).isEqualTo(1);
        assertThat(partitions.whereisName(1)).isPresent();
    }

    @Test
    void one_that_a_sibling_has_restarted_may_be_used_again() {
        PartitionSupervisor partitions = started(Strategy.ONE_FOR_ALL);
        Pid zero = started(0, partitions);
        partitions.resize(1);

        Kid.end(zero, ExitReason.of("crash"));
        Kid.started(0);
        Kid.started(1); // the strategy restarts all

        assertThat(partitions.resize(2)).isEqualTo(1);
        assertThat(partitions.whereisName(1)).isPresent();
    }

    private static Pid started(int number, PartitionSupervisor partitions) {
        Pid pid = Kid.started(number);
        Kid.started(1 - number);
        assertThat(partitions.whereisName(number)).contains(pid);
        return pid;
    }
}
