package io.genserver.test;

import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.assertReceived;
import static io.genserver.test.MessageAssertions.awaitDown;
import static io.genserver.test.MessageAssertions.eventually;
import static io.genserver.test.MessageAssertions.fishFor;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static io.genserver.test.MessageAssertions.refuteReceived;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.ExitReason;
import io.genserver.Pace;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// What each assertion on messages takes and what it says when it fails.
@ExtendWith(GenServerExtension.class)
@VirtualTime
@Timeout(30)
class MessageAssertionsTest {

    private static void send(Object... messages) {
        for (Object message : messages) {
            Processes.send(Processes.self(), message);
        }
    }

    @Test
    void what_is_there_is_taken_at_once() {
        send("text", 1, 2L);

        assertThat(assertReceived(Integer.class)).isEqualTo(1);
        assertThat(assertReceived("text")).isEqualTo("text");
        assertThat(assertReceive(Long.class, Duration.ofDays(1))).isEqualTo(2L);
        refuteReceived(Object.class);
    }

    @Test
    void what_is_not_there_is_named_with_the_mailbox() {
        assertThatThrownBy(() -> assertReceived(Integer.class))
                .hasMessage(
                        "expected a message java.lang.Integer within PT0S, got none: the mailbox is"
                                + " empty");
        send("a", "b");
        assertThatThrownBy(() -> assertReceive(Integer.class, Duration.ofMillis(1)))
                .hasMessage(
                        "expected a message java.lang.Integer within PT0.001S, got none; the mailbox"
                                + " has 2, the last: [a, b]");
        assertThatThrownBy(() -> assertReceived("c"))
                .hasMessage(
                        "expected a message c within PT0S, got none; the mailbox has 2, the last: [a,"
                                + " b]");
        assertThat(Processes.flush()).containsExactly("a", "b");
    }

    @Test
    void what_comes_just_after_the_limit_is_shown() {
        AtomicInteger looks = new AtomicInteger();
        send("late");

        assertThatThrownBy(() ->
                        assertReceive(
                                message -> looks.incrementAndGet() > 1 ? message : null,
                                Duration.ZERO))
                .hasMessage(
                        "expected a message that matches within PT0S, got it just after that: late;"
                                + " wait longer");
    }

    @Test
    void what_must_not_come_is_shown_and_taken() {
        send("unwanted", "unwanted too");

        assertThatThrownBy(() -> refuteReceived(String.class))
                .hasMessage(
                        "expected no such message within PT0S, got: unwanted; the mailbox has 1, the"
                                + " last: [unwanted too]");
        assertThatThrownBy(() -> refuteReceive(String.class))
                .hasMessage("expected no such message within PT0.1S, got: unwanted too");
        refuteReceive(String.class);
    }

    @Test
    void fishing_takes_the_messages_before_and_between() {
        send("noise", 1, "more noise", 2, "last");

        assertThat(fishFor(Integer.valueOf(1)::equals, Integer.valueOf(2)::equals))
                .containsExactly(1, 2);
        assertThat(Processes.flush()).containsExactly("last");
    }

    @Test
    void fishing_catches_a_message_that_equals_the_one_before_it() {
        send("tick", 1, "tick");

        assertThat(fishFor(Integer.valueOf(1)::equals, "tick"::equals)).containsExactly(1, "tick");
    }

    @Test
    void fishing_ends_although_other_messages_come_and_come() {
        Processes.sendEvery(Processes.self(), "noise", Duration.ofMillis(100), Pace.FIXED_RATE);

        assertThatThrownBy(() -> fishFor(Integer.valueOf(1)::equals))
                .hasMessageStartingWith(
                        "expected 1 messages one after another, got 0 of them: []; other messages:"
                                + " [noise, noise, ");
    }

    @Test
    void fishing_in_vain_shows_what_was_taken() {
        send("noise", 1, "noise");

        assertThatThrownBy(() -> fishFor(Integer.valueOf(1)::equals, Integer.valueOf(2)::equals))
                .hasMessage(
                        "expected 2 messages one after another, got 1 of them: [1]; other messages:"
                                + " [noise, noise]");
    }

    @Test
    void the_end_of_a_monitored_process_has_a_reason() {
        Ref monitor = Processes.spawnMonitor(() -> Processes.exit(ExitReason.of("done"))).ref();

        assertThat(awaitDown(monitor)).isEqualTo(ExitReason.of("done"));
    }

    @Test
    void the_end_of_any_process_has_a_reason() {
        Pid process = Processes.spawn(() -> Processes.receive(message -> message));

        assertThatThrownBy(() -> awaitDown(process))
                .hasMessage(
                        "expected a message Down of "
                                + process
                                + " within PT2S, got none: the mailbox is empty");
        Processes.exit(process, ExitReason.KILL);
        assertThat(awaitDown(process)).isIn(ExitReason.KILLED, ExitReason.NOPROC);
    }

    @Test
    void an_assertion_is_tried_until_it_holds() {
        AtomicInteger tries = new AtomicInteger();

        eventually(() -> assertThat(tries.incrementAndGet()).isGreaterThan(3));

        assertThat(tries).hasValue(4);
    }

    @Test
    void an_assertion_that_does_not_hold_is_shown_with_its_last_error() {
        assertThatThrownBy(() ->
                        eventually(
                                () -> {
                                    throw new AssertionError("still closed");
                                },
                                Duration.ZERO))
                .isInstanceOf(AssertionError.class)
                .hasMessage("expected the assertion to hold within PT0S, got: still closed")
                .hasRootCauseMessage("still closed");
        assertThatThrownBy(() ->
                        eventually(() -> {
                            throw new IllegalStateException("no assertion");
                        }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no assertion");
        assertThatThrownBy(() ->
                        eventually(() -> {
                            throw new IOException("no file");
                        }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("expected an AssertionError, got: java.io.IOException: no file");
    }
}
