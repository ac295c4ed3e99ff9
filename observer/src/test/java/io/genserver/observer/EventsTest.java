package io.genserver.observer;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.DeadLetter;
import io.genserver.Node;
import io.genserver.ServerRef;
import io.genserver.observer.Events.Event;
import io.genserver.observer.Events.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventsTest {

    private final Node node = Node.start();
    private final Events events = Events.of(node, false);

    @AfterEach
    void close() {
        events.close();
        node.close();
    }

    private static DeadLetter letter(String to) {
        return new DeadLetter(DeadLetter.Reason.UNKNOWN_NAME, ServerRef.name(to), "a");
    }

    @Test
    void a_flood_of_events_alike_is_one_event() {
        events.longMailbox(
                node, node.call(() -> io.genserver.Processes.spawn(() -> {})), "a", 2, 1);
        for (int i = 0; i < 5_000; i++) {
            events.deadLetter(node, letter("nobody"));
        }

        assertThat(events.find(event -> event.kind() == Kind.LONG_MAILBOX, 10)).hasSize(1);
        assertThat(events.find(event -> event.kind() == Kind.DEAD_LETTER, 100))
                .hasSizeLessThan(60)
                .extracting(Event::count)
                .allMatch(count -> count > 0);
        assertThat(events.count(Kind.DEAD_LETTER)).isEqualTo(5_000);
    }

    @Test
    void the_last_thousand_are_kept() {
        for (int i = 0; i < 1_500; i++) {
            events.deadLetter(node, letter("name " + i));
        }

        assertThat(events.find(_ -> true, 5_000)).hasSize(1_000);
        assertThat(events.find(_ -> true, 1).getFirst().text()).contains("name 1499");
    }

    @Test
    void the_events_of_other_nodes_are_not_shown() {
        events.deadLetter(Node.defaultNode(), letter("nobody"));

        assertThat(events.find(_ -> true, 10)).isEmpty();
    }
}
