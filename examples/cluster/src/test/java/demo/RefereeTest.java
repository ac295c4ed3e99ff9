package demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.*;
import io.genserver.cluster.*;
import io.genserver.cluster.memory.MemoryNetwork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The referee finds each breach of a promise, because otherwise the failure suite would pass
/// whatever the cluster does.
class RefereeTest {

    private static final NodeDown LOSS = new NodeDown("a@x");

    /// Sends messages to a referee, and returns the faults that it has found.
    ///
    /// @param messages losses, and arrays with a number and the losses its sender has seen
    private static String faults(Object... messages) throws IOException {
        List<String> report = new ArrayList<>();
        try (Node node = Node.start()) {
            node.run(() -> {
                try (Cluster _ = start()) {
                    Server<Referee> referee = CallServer.start(Referee::new).server();
                    Pid sender = referee.pid(); // any process of a@x
                    for (Object message : messages) {
                        Processes.send(
                                referee,
                                message instanceof long[] number
                                        ? new Referee.Numbered(sender, number[0], number[1])
                                        : message);
                    }
                    report.add(GenServer.call(referee, new Referee.Ask()).faults().toString());
                }
            });
        }
        return report.getFirst();
    }

    private static Cluster start() {
        try {
            return Cluster.start(
                    ClusterOptions.named("a@x").withCookie("not-a-secret"),
                    new MemoryNetwork(1).engine("a"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static long[] number(long number, long losses) {
        return new long[] {number, losses};
    }

    @Test
    void numbers_in_order_are_right_and_a_loss_may_swallow_some() throws IOException {
        assertThat(faults(number(5, 0), number(6, 0), LOSS, number(9, 1), number(10, 1)))
                .isEqualTo("{}");
    }

    @Test
    void the_losses_before_the_first_number_do_not_count() throws IOException {
        assertThat(faults(LOSS, LOSS, number(1, 0), LOSS, number(2, 1))).isEqualTo("{}");
    }

    @Test
    void a_connection_that_only_one_side_had_for_a_moment_does_not_count() throws IOException {
        assertThat(faults(number(1, 0), LOSS, number(9, 2), LOSS, LOSS, number(20, 3)))
                .isEqualTo("{}");
    }

    @Test
    void a_number_that_was_sent_before_a_loss_is_stale_after_it() throws IOException {
        assertThat(faults(number(1, 0), LOSS, number(2, 0), number(3, 1))).isEqualTo("{STALE=1}");
    }

    @Test
    void a_loss_that_only_the_sender_has_seen_is_found() throws IOException {
        assertThat(faults(number(1, 0), number(2, 1))).isEqualTo("{ONE_SIDED=1}");
    }

    @Test
    void a_number_that_comes_twice_or_is_missing_is_found() throws IOException {
        assertThat(faults(number(1, 0), number(1, 0), number(3, 0)))
                .isEqualTo("{DISORDER=1, MISSING=1}");
    }
}
