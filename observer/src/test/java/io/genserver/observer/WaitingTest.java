package io.genserver.observer;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ProcessInfo.Status;
import io.genserver.ProcessSummary;
import io.genserver.Processes;
import io.genserver.observer.Look.Brief;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The runtime refuses calls that close a circle, so these looks are made up.
class WaitingTest {

    private final Node node = Node.start();
    private final List<ProcessSummary> processes = new ArrayList<>();

    @AfterEach
    void close() {
        node.close();
    }

    private List<Pid> pids(int count) {
        return node.call(() ->
                IntStream.range(0, count)
                        .mapToObj(_ -> Processes.spawn(Processes::receive))
                        .toList());
    }

    private void waits(Pid process, Pid server) {
        processes.add(summary(process, Optional.of(server)));
    }

    private static ProcessSummary summary(Pid pid, Optional<Pid> server) {
        return new ProcessSummary(
                pid,
                Optional.empty(),
                "a",
                Status.WAITING,
                0,
                0,
                0,
                Instant.EPOCH,
                Optional.empty(),
                server);
    }

    private Waiting find() {
        return Waiting.of(new Look(null, processes::forEach));
    }

    @Test
    void a_circle_is_found_once_also_if_others_wait_for_it() {
        List<Pid> pids = pids(4);
        waits(pids.get(0), pids.get(1));
        waits(pids.get(1), pids.get(2));
        waits(pids.get(2), pids.get(0));
        waits(pids.get(3), pids.get(0));

        Waiting found = find();
        assertThat(found.circles()).hasSize(1);
        assertThat(found.circles().getFirst())
                .extracting(Brief::pid)
                .containsExactlyInAnyOrderElementsOf(
                        pids.subList(0, 3).stream().map(Pid::toString).toList());
        assertThat(found.groups()).isEmpty();
    }

    @Test
    void a_process_that_waits_for_itself_is_a_circle() {
        Pid pid = pids(1).getFirst();
        waits(pid, pid);

        assertThat(find().circles()).hasSize(1);
    }

    @Test
    void the_waiters_of_a_chain_all_count() {
        List<Pid> pids = pids(4);
        processes.add(summary(pids.get(0), Optional.empty()));
        waits(pids.get(1), pids.get(0));
        waits(pids.get(2), pids.get(1));
        waits(pids.get(3), pids.get(2));

        Waiting found = find();
        assertThat(found.circles()).isEmpty();
        assertThat(found.groups()).hasSize(1);
        assertThat(found.groups().getFirst().waiters()).isEqualTo(3);
        assertThat(found.groups().getFirst().members())
                .extracting(Waiting.Member::depth)
                .containsExactly(1, 2, 3);
    }
}
