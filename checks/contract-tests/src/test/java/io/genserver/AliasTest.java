package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.MonitorOption.AliasMode;
import io.genserver.test.GenServerExtension;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class AliasTest {

    /// Spawns a process that ends when it gets the message `end`.
    private static Pid waiting() {
        return Processes.spawn(() -> Processes.receive(Match.value("end")));
    }

    @Test
    void delivers_until_it_is_ended_and_never_after() {
        Ref alias = Processes.alias();
        Processes.send(alias, "one");
        Processes.send(alias, "two");

        assertThat(Processes.unalias(alias)).isTrue();
        Processes.send(alias, "three");

        assertThat(Processes.unalias(alias)).isFalse();
        assertThat(Processes.flush()).containsExactly("one", "two");
    }

    @Test
    void for_one_reply_ends_with_the_first_message() {
        Ref alias = Processes.replyAlias();
        Processes.send(alias, "first");
        Processes.send(alias, "second");

        assertThat(Processes.flush()).containsExactly("first");
        assertThat(Processes.unalias(alias)).isFalse();
    }

    @Test
    void what_comes_too_late_is_a_dead_letter() {
        Ref alias = Processes.alias();
        Processes.unalias(alias);
        Pid me = Processes.self();
        try (DeadLetters.Subscription _ =
                DeadLetters.listen(letter -> Processes.send(me, letter))) {
            Processes.send(alias, "late");
        }

        assertThat(assertReceive(DeadLetter.class))
                .isEqualTo(new DeadLetter(DeadLetter.Reason.INACTIVE_ALIAS, me, "late"));
    }

    @Test
    void of_a_dead_process_loses_what_is_sent() {
        Pid me = Processes.self();
        Processes.Monitored owner =
                Processes.spawnMonitor(() -> Processes.send(me, Processes.alias()));
        Ref alias = assertReceive(Ref.class);
        assertReceive(Down.class, down -> down.ref().equals(owner.ref()));

        Processes.send(alias, "lost");

        refuteReceive(String.class);
    }

    @Test
    void is_ended_by_its_owner_only_and_nothing_else_is_one() {
        Ref alias = Processes.alias();
        Pid me = Processes.self();
        Processes.spawn(() -> {
            try {
                Processes.unalias(alias);
            } catch (IllegalArgumentException refused) {
                Processes.send(me, String.valueOf(refused.getMessage()));
            }
        });

        assertThat(assertReceive(String.class))
                .isEqualTo("expected an alias of the calling process, got: " + alias);
        Ref monitor = Processes.monitor(me);
        assertThatThrownBy(() -> Processes.send(monitor, "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected an alias to send to, got: " + monitor);
    }

    @Nested
    class of_a_monitor {

        @Test
        void with_reply_demonitor_takes_one_message_and_no_down() {
            Pid target = waiting();
            Ref ref = Processes.monitor(target, MonitorOption.alias(AliasMode.REPLY_DEMONITOR));

            Processes.send(ref, "reply");
            Processes.send(ref, "again");
            Processes.send(target, "end");

            assertThat(Processes.receive()).isEqualTo("reply");
            refuteReceive(Object.class);
            assertThat(Processes.info(Processes.self()).orElseThrow().monitors()).isEmpty();
        }

        @Test
        void with_demonitor_ends_with_the_down() {
            Pid target = waiting();
            Ref ref = Processes.monitor(target, MonitorOption.alias(AliasMode.DEMONITOR));
            Processes.send(ref, "one");
            Processes.send(ref, "two");
            Processes.send(target, "end");
            assertReceive(Down.class);

            Processes.send(ref, "three");

            assertThat(Processes.flush()).containsExactly("one", "two");
        }

        @Test
        void with_demonitor_ends_with_the_monitor() {
            Ref ref = Processes.monitor(waiting(), MonitorOption.alias(AliasMode.DEMONITOR));
            Processes.demonitor(ref);

            Processes.send(ref, "late");

            assertThat(Processes.flush()).isEmpty();
        }

        @Test
        void with_explicit_unalias_outlives_the_down() {
            Pid target = waiting();
            Ref ref = Processes.monitor(target, MonitorOption.alias(AliasMode.EXPLICIT_UNALIAS));
            Processes.send(target, "end");
            assertReceive(Down.class);

            Processes.send(ref, "still there");

            assertReceive("still there");
            assertThat(Processes.unalias(ref)).isTrue();
        }

        @Test
        void may_have_a_tag_in_the_place_of_down() {
            Pid target = waiting();
            Ref ref = Processes.monitor(target, MonitorOption.tag("worker 7"));
            Ref flushed = Processes.monitor(target, MonitorOption.tag("worker 8"));
            Processes.send(target, "end");

            assertThat(assertReceive(TaggedDown.class))
                    .isEqualTo(new TaggedDown("worker 7", ref, target, ExitReason.NORMAL));
            assertThat(Processes.demonitorFlush(flushed)).isFalse();
            assertThat(Processes.flush()).isEqualTo(List.of());
        }
    }
}
