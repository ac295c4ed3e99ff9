package io.genserver.parity;

import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Match;
import io.genserver.MonitorOption;
import io.genserver.MonitorOption.AliasMode;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ElixirProcessTest {

    private static final Duration LONG = Duration.ofSeconds(100);

    /// A ping, to be answered through an alias.
    record Ping(Ref alias) {}

    /// Spawns a process that ends when it gets the message `end`.
    private static Pid waiting() {
        return Processes.spawn(() -> Processes.receive(Match.value("end")));
    }

    /// Spawns a process that answers the first ping with all answers.
    private static Pid answering(String... answers) {
        return Processes.spawn(() -> {
            Ping ping = Processes.receive(Ping.class);
            for (String answer : answers) {
                Processes.send(ping.alias(), answer);
            }
        });
    }

    private static List<Object> keysOf(Object value) {
        return Processes.dictionary().entrySet().stream()
                .filter(entry -> entry.getValue().equals(value))
                .map(Map.Entry::getKey)
                .toList();
    }

    /// Source: `process_test.exs`, 1 "dictionary".
    @Test
    void the_dictionary_gives_what_was_put() {
        assertThat(Processes.put("foo", "bar")).isEmpty();
        assertThat(Processes.put("foo", "baz")).contains("bar");

        assertThat(Processes.dictionary()).containsOnlyKeys("foo");
        assertThat(keysOf("bar")).isEmpty();
        assertThat(keysOf("baz")).containsExactly("foo");
        assertThat(Processes.get("foo")).contains("baz");
        assertThat(Processes.delete("foo")).contains("baz");
        assertThat(Processes.get("foo")).isEmpty();
    }

    /// Source: `process_test.exs`, 4 "monitor/2 with monitor options".
    @Test
    void a_monitor_that_is_an_alias_brings_the_answer_and_the_end() {
        Pid server = answering("pong");
        Ref both = Processes.monitor(server, MonitorOption.alias(AliasMode.EXPLICIT_UNALIAS));

        Processes.send(server, new Ping(both));

        assertReceive("pong");
        assertThat(assertReceive(Down.class)).isEqualTo(new Down(both, server, ExitReason.NORMAL));
    }

    /// Source: `process_test.exs`, 5 "sleep/1".
    @Test
    void a_sleep_of_no_time_returns() {
        Processes.send(Processes.self(), "kept");

        Processes.sleep(Duration.ZERO);

        assertThat(Processes.flush()).containsExactly("kept");
    }

    /// Source: `process_test.exs`, 6 "sleep/1 with 2^32".
    @Test
    void a_sleep_may_be_longer_than_32_bits_of_milliseconds() {
        Processes.Monitored sleeper =
                Processes.spawnMonitor(() -> Processes.sleep(Duration.ofMillis(1L << 32)));

        refuteReceive(Down.class);
        Processes.exit(sleeper.pid(), ExitReason.KILL);
        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.KILLED);
    }

    /// Source: `process_test.exs`, 7 "info/2".
    @Test
    void there_is_information_on_the_living_only() {
        Pid pid = waiting();

        ProcessInfo info = Processes.info(pid).orElseThrow();
        assertThat(info.pid()).isEqualTo(pid);
        assertThat(info.messageQueueLength()).isZero();

        Processes.exit(pid, ExitReason.KILL);
        assertThat(Processes.info(pid)).isEmpty();
    }

    /// Source: `process_test.exs`, 8 "info/2 with registered name".
    @Test
    void information_has_the_name_if_there_is_one() {
        Pid me = Processes.self();

        assertThat(Processes.info(me).orElseThrow().registeredName()).isEmpty();
        Processes.register(me, "parity info");
        assertThat(Processes.info(me).orElseThrow().registeredName()).contains("parity info");
    }

    /// Source: `process_test.exs`, 9 "send_after/3 sends messages once expired".
    @Test
    void a_message_is_sent_later() {
        Processes.sendAfter(Processes.self(), "hello", Duration.ofMillis(10));

        assertReceive("hello");
    }

    /// Source: `process_test.exs`, 10 "send_after/4 with absolute time sends message once expired".
    @Test
    void a_message_is_sent_at_a_time() {
        long time = Processes.monotonicTime() + Duration.ofMillis(10).toNanos();

        Processes.sendAt(Processes.self(), "hello", time);

        assertReceive("hello");
        assertThat(Processes.monotonicTime() - time).isNotNegative();
    }

    /// Source: `process_test.exs`, 11 "send_after/3 returns a timer reference that can be read or
    /// cancelled".
    @Test
    void a_timer_can_be_read_and_cancelled_until_it_has_fired() {
        Ref timer = Processes.sendAfter(Processes.self(), "hello", LONG);
        refuteReceive(Match.value("hello"), Duration.ZERO);
        assertThat(Processes.readTimer(timer)).isPresent();
        assertThat(Processes.cancelTimer(timer).orElseThrow())
                .isBetween(Duration.ofSeconds(50), LONG);

        Ref fired = Processes.sendAfter(Processes.self(), "hello", Duration.ZERO);
        assertReceive("hello");
        assertThat(Processes.readTimer(fired)).isEmpty();
        assertThat(Processes.cancelTimer(fired)).isEmpty();
    }

    /// Source: `process_test.exs`, 12 "exit(pid, :normal) does not cause the target process to
    /// exit".
    @Test
    void an_exit_signal_normal_does_not_end_another() {
        Processes.trapExits(true);
        Pid linked = Processes.spawnLink(() -> Processes.receive(Match.value("done")));

        Processes.exit(linked, ExitReason.NORMAL);

        refuteReceive(Exit.class);
        assertThat(Processes.isAlive(linked)).isTrue();
        Processes.exit(linked, ExitReason.of("abnormal"));
        assertThat(assertReceive(Exit.class))
                .isEqualTo(new Exit(linked, ExitReason.of("abnormal")));
        assertThat(Processes.isAlive(linked)).isFalse();
    }

    /// Source: `process_test.exs`, 13 "exit(self(), :normal) causes the calling process to exit".
    @Test
    void an_exit_signal_normal_to_oneself_ends_oneself() {
        Processes.trapExits(true);

        Pid linked =
                Processes.spawnLink(() -> {
                    Processes.exit(Processes.self(), ExitReason.NORMAL);
                    Processes.sleep(GenServer.INFINITY);
                });

        assertThat(assertReceive(Exit.class)).isEqualTo(new Exit(linked, ExitReason.NORMAL));
        assertThat(Processes.isAlive(linked)).isFalse();
    }

    /// Source: `process_test.exs`, 14 "simple alias + unalias flow".
    @Test
    void nothing_comes_through_an_alias_that_was_ended() {
        Pid server = answering("pong");
        Ref alias = Processes.alias();
        assertThat(Processes.unalias(alias)).isTrue();
        Processes.monitor(server);

        Processes.send(server, new Ping(alias));

        assertReceive(Down.class);
        assertThat(Processes.flush()).isEmpty();
    }

    /// Source: `process_test.exs`, 15 "with :reply option when aliasing".
    @Test
    void one_answer_only_comes_through_an_alias_for_one() {
        Pid server = answering("pong", "another pong");
        Processes.monitor(server);

        Processes.send(server, new Ping(Processes.replyAlias()));

        assertReceive(Down.class);
        assertThat(Processes.flush()).containsExactly("pong");
    }

    /// Source: `process_test.exs`, 16 "gets a process label", and 18 "sets a process label".
    @Test
    void a_label_is_what_it_was_set_to() {
        List<Object> label = List.of("some label", 42);

        Processes.setLabel(label);

        assertThat(Processes.getLabel()).contains(label);
        assertThat(Processes.getLabel(Processes.self())).contains(label);
        assertThat(Processes.info(Processes.self()).orElseThrow().label()).contains(label);
    }

    /// Source: `process_test.exs`, 17 "returns nil when not set".
    @Test
    void there_is_no_label_until_one_is_set() {
        Pid pid = waiting();

        assertThat(Processes.getLabel(pid)).isEmpty();
        Processes.send(pid, "end");
    }
}
