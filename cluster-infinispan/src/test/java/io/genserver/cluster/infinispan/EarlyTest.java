package io.genserver.cluster.infinispan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jgroups.BytesMessage;
import org.jgroups.Message;
import org.junit.jupiter.api.Test;

class EarlyTest {

    private static final int SIZE = 64_000;

    private final Early early = new Early();
    private final List<Message> received = new ArrayList<>();

    private Message send(int size) {
        Message message = new BytesMessage(null, new byte[size]);
        early.handleUnknownForkStack(message, "infinispan");
        return message;
    }

    @Test
    void what_comes_early_is_passed_on_in_order_and_what_comes_later_too() {
        Message first = send(1);
        Message second = send(2);
        early.passOn(received::add);
        Message third = send(3);

        assertThat(received).containsExactly(first, second, third);
    }

    @Test
    void what_exceeds_the_limit_is_dropped() {
        Message first = send(SIZE);
        for (int i = 0; i < 2 * Early.LIMIT / SIZE; i++) {
            send(SIZE);
        }
        early.passOn(received::add);
        Message late = send(SIZE);

        assertThat(received).hasSize(Early.LIMIT / (SIZE + Early.OVERHEAD) + 1);
        assertThat(received).startsWith(first).endsWith(late);
    }

    @Test
    void messages_without_a_payload_do_not_exceed_the_limit_either() {
        for (int i = 0; i < 2 * Early.LIMIT / Early.OVERHEAD; i++) {
            send(0);
        }
        early.passOn(received::add);

        assertThat(received).hasSize(Early.LIMIT / Early.OVERHEAD);
    }

    @Test
    void nothing_is_kept_after_the_end() {
        send(1);
        early.drop();
        send(2);
        early.passOn(received::add);

        assertThat(received).isEmpty();
    }
}
