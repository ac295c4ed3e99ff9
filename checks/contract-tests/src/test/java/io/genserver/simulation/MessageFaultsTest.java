package io.genserver.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Agent;
import io.genserver.Attachment;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MessageFaultsTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void delayed_messages_keep_their_order() {
        SimulationResult result =
                Simulation.runs(200)
                        .check(run -> {
                            run.disturb(MessageFaults.everywhere().delay(0.5, SECOND));
                            Pid me = Processes.self();
                            Processes.Monitored _ =
                                    Processes.spawnMonitor(() ->
                                            IntStream.range(0, 5)
                                                    .forEach(i -> Processes.send(me, i)));
                            List<Object> seen = new ArrayList<>();
                            while (seen.size() < 6) {
                                seen.add(Processes.receive(message -> message));
                            }
                            assertThat(seen.subList(0, 5)).containsExactly(0, 1, 2, 3, 4);
                            assertThat(seen.get(5)).isInstanceOf(Down.class);
                        });

        assertThat(result.runs()).isEqualTo(200);
    }

    @Test
    void a_delay_takes_time() throws Exception {
        try (TestTime time = TestTime.start()) {
            time.call(() -> {
                Attachment _ = Processes.attach();
                Pid me = Processes.self();
                Pid sender = Processes.spawn(() -> Processes.send(me, Processes.receive(i -> i)));
                time.disturb(MessageFaults.between(sender, me).delay(1, SECOND));

                Processes.send(sender, "hello");
                assertThat(Processes.receive(Match.value("hello"))).isEqualTo("hello");
                return assertThat(time.elapsed()).isPositive().isLessThanOrEqualTo(SECOND);
            });
        }
    }

    @Test
    void each_message_that_is_late_takes_some_time_and_at_most_the_longest() {
        Set<Long> times = new HashSet<>();

        SimulationResult _ =
                Simulation.runs(200)
                        .check(run -> {
                            run.disturb(MessageFaults.everywhere().delay(1, SECOND));
                            Pid me = Processes.self();
                            long start = Processes.monotonicTime();
                            Pid _ = Processes.spawn(() -> Processes.send(me, "late"));
                            assertThat(Processes.receive(Match.value("late"))).isEqualTo("late");
                            times.add(Processes.monotonicTime() - start);
                        });

        assertThat(times)
                .hasSizeGreaterThan(5)
                .allMatch(time -> time > 0 && time <= SECOND.toNanos())
                .contains(SECOND.toNanos());
    }

    @Test
    void lost_casts_are_found() {
        SimulationFailure failure =
                Simulation.runs(200)
                        .find(run -> {
                            var counter = Agent.startLink(() -> 0).server();
                            run.disturb(MessageFaults.to(counter).lose(0.2));
                            for (int i = 0; i < 3; i++) {
                                Agent.cast(counter, count -> count + 1);
                            }
                            assertThat((int) Agent.get(counter, count -> count)).isEqualTo(3);
                        })
                        .orElseThrow();

        assertThat(failure.getCause()).hasMessageContaining("3");
    }

    @Test
    void requests_are_never_lost() {
        SimulationResult result =
                Simulation.runs(50)
                        .check(run -> {
                            var counter = Agent.startLink(() -> 0).server();
                            run.disturb(MessageFaults.everywhere().lose(1).duplicate(1));
                            for (int i = 0; i < 3; i++) {
                                Agent.update(counter, count -> count + 1);
                            }
                            assertThat((int) Agent.get(counter, count -> count)).isEqualTo(3);
                        });

        assertThat(result.runs()).isEqualTo(50);
    }

    @Test
    void messages_may_arrive_twice() throws Exception {
        try (TestTime time = TestTime.start()) {
            time.call(() -> {
                Attachment _ = Processes.attach();
                var counter = Agent.startLink(() -> 0).server();
                time.disturb(MessageFaults.between(Processes.self(), counter).duplicate(1));
                Agent.cast(counter, count -> count + 1);
                return assertThat((int) Agent.get(counter, count -> count)).isEqualTo(2);
            });
        }
    }

    @Test
    void an_exit_signal_can_be_late() throws Exception {
        try (TestTime time = TestTime.start()) {
            time.call(() -> {
                Attachment _ = Processes.attach();
                Processes.trapExits(true);
                Pid victim = Processes.spawnLink(() -> Processes.receive(Match.value("never")));
                time.disturb(
                        MessageFaults.between(Processes.self(), victim)
                                .delay(1, Duration.ofHours(8)));

                Processes.exit(victim, ExitReason.KILL);
                Exit exit = Processes.receive(Exit.class);

                assertThat(exit.reason()).isEqualTo(ExitReason.KILLED);
                return assertThat(time.elapsed()).isPositive();
            });
        }
    }

    /// The killer is neither the sender nor the receiver of the news, or it is the receiver.
    @Test
    void the_news_of_an_end_comes_from_the_process_that_has_ended() throws Exception {
        newsOfAnEndIsLate(victim -> Processes.spawn(() -> Processes.exit(victim, ExitReason.KILL)));
        newsOfAnEndIsLate(victim -> Processes.exit(victim, ExitReason.KILL));
    }

    private static void newsOfAnEndIsLate(Consumer<Pid> kill) throws Exception {
        try (TestTime time = TestTime.start()) {
            time.call(() -> {
                Attachment _ = Processes.attach();
                Pid victim = Processes.spawn(() -> Processes.receive(Match.value("never")));
                Processes.monitor(victim);
                time.disturb(
                        MessageFaults.between(victim, Processes.self())
                                .delay(1, Duration.ofHours(8)));

                kill.accept(victim);
                Down down = Processes.receive(Down.class);

                assertThat(down.reason()).isEqualTo(ExitReason.KILLED);
                return assertThat(time.elapsed()).isPositive();
            });
        }
    }

    /// A monitor by name tells the name, and one that is set after the end says `noproc`. Both come
    /// after what the process has sent before its end.
    @Test
    void the_news_of_an_end_comes_after_what_the_process_has_sent() throws Exception {
        try (TestTime time = TestTime.start()) {
            time.call(() -> {
                Attachment _ = Processes.attach();
                Pid me = Processes.self();
                Pid sender =
                        Processes.spawn(() -> {
                            Processes.register(Processes.self(), "sender");
                            Processes.receive(Match.value("go"));
                            Processes.send(me, "last words");
                            Processes.receive(Match.value("never"));
                        });
                time.advance(Duration.ZERO);
                Processes.monitor(new Name("sender"));
                time.disturb(MessageFaults.between(sender, me).delay(1, Duration.ofHours(8)));
                Processes.send(sender, "go");
                time.advance(Duration.ZERO);

                Processes.exit(sender, ExitReason.KILL);
                time.advance(Duration.ZERO);
                Processes.monitor(sender);

                assertThat(next()).isEqualTo("last words");
                assertThat(next())
                        .isInstanceOfSatisfying(
                                Down.class,
                                down -> assertThat(down.reason()).isEqualTo(ExitReason.KILLED));
                return assertThat(next())
                        .isInstanceOfSatisfying(
                                Down.class,
                                down -> assertThat(down.reason()).isEqualTo(ExitReason.NOPROC));
            });
        }
    }

    /// A process that has ended has no name any more.
    @Test
    void a_rule_for_a_name_holds_for_the_news_of_the_end_of_its_process() throws Exception {
        try (TestTime time = TestTime.start()) {
            time.call(() -> {
                Attachment _ = Processes.attach();
                Pid agent = Agent.start(() -> 0, StartOption.name("counter")).pid();
                Processes.monitor(agent);
                time.disturb(
                        MessageFaults.between(new Name("counter"), Processes.self())
                                .delay(1, Duration.ofHours(8)));

                Processes.exit(agent, ExitReason.KILL);

                assertThat(next()).isInstanceOf(Down.class);
                return assertThat(time.elapsed()).isPositive();
            });
        }
    }

    /// What a process passes on is its own message.
    @Test
    void news_that_are_passed_on_come_from_who_passes_them_on() throws Exception {
        try (TestTime time = TestTime.start()) {
            time.call(() -> {
                Attachment _ = Processes.attach();
                Pid me = Processes.self();
                Pid middle =
                        Processes.spawn(() -> {
                            Processes.send(me, Processes.receive(Down.class));
                            Processes.send(me, "next");
                        });
                time.disturb(MessageFaults.between(middle, me).delay(1, Duration.ofHours(8)));
                Pid dead = Processes.spawn(() -> {});
                Processes.monitor(dead);
                Processes.send(middle, Processes.receive(Down.class));

                assertThat(next()).isInstanceOf(Down.class);
                return assertThat(next()).isEqualTo("next");
            });
        }
    }

    @Test
    void the_news_of_a_crash_by_the_simulation_can_be_late() {
        SimulationFailure failure =
                Simulation.runs(5_000)
                        .find(run -> {
                            Pid victim =
                                    Processes.spawn(() -> Processes.receive(Match.value("never")));
                            Processes.monitor(victim);
                            run.mayCrash(victim);
                            run.disturb(MessageFaults.everywhere().delay(1, SECOND));
                            long start = Processes.monotonicTime();
                            while (Processes.isAlive(victim)
                                    && Processes.monotonicTime() - start < SECOND.toNanos()) {
                                Processes.sleep(Duration.ofMillis(100));
                            }
                            if (!Processes.isAlive(victim)) {
                                long dead = Processes.monotonicTime();
                                Processes.receive(Down.class);
                                if (Processes.monotonicTime() > dead) {
                                    throw new AssertionError("late");
                                }
                            }
                        })
                        .orElseThrow();

        assertThat(failure.getCause()).hasMessage("late");
        assertThat(failure.trace().asText())
                .contains("fault → spawn #")
                .containsPattern("fault: spawn #\\d+ → .*: late by \\d\\.\\d+ s: Down");
    }

    @Test
    void a_chart_shows_what_happens_to_messages_and_timers_and_when() {
        SimulationFailure failure =
                Simulation.runs(200)
                        .find(run -> {
                            var counter = Agent.startLink(() -> 0).server();
                            run.disturb(MessageFaults.to(counter).lose(0.5));
                            run.delayTimers(SECOND);
                            Processes.sendAfter(Processes.self(), "later", SECOND);
                            long start = Processes.monotonicTime();
                            Agent.cast(counter, count -> count + 1);
                            Processes.receive(Match.value("later"));
                            boolean late = Processes.monotonicTime() - start > SECOND.toNanos();
                            assertThat(late && Agent.<Integer, Integer>get(counter, n -> n) == 0)
                                    .isFalse();
                        })
                        .orElseThrow();

        assertThat(failure.trace().asText())
                .containsPattern("fault: thread body #\\d+ → Agent #\\d+: lost: ")
                .containsPattern("fault: the timer that is armed next fires late by \\d\\.\\d+ s");
        assertThat(failure.trace().asMermaid())
                .containsPattern("p\\d+--xp\\d+: \\d+ fault lost")
                .contains("Note over p0: 0.000000 s")
                .containsPattern("Note over p0: [1-9].*\\d s");
    }

    @Test
    void a_seed_decides_which_messages_of_a_test_are_disturbed() throws Exception {
        assertThat(arrivals(1)).isEqualTo(arrivals(1)).isNotEqualTo(arrivals(2));
    }

    private static List<Integer> arrivals(long seed) throws Exception {
        try (TestTime time = TestTime.start()) {
            return time.call(() -> {
                Attachment _ = Processes.attach();
                var list = Agent.startLink(() -> List.<Integer>of()).server();
                time.disturb(MessageFaults.to(list).lose(0.5), seed);
                for (int i = 0; i < 20; i++) {
                    int number = i;
                    Agent.cast(
                            list,
                            before -> {
                                List<Integer> next = new ArrayList<>(before);
                                next.add(number);
                                return next;
                            });
                }
                return Agent.<List<Integer>, List<Integer>>get(list, all -> all);
            });
        }
    }

    @Test
    void bad_settings_are_refused() {
        MessageFaults faults = MessageFaults.everywhere();
        assertThatThrownBy(() -> faults.lose(1.5))
                .hasMessage("expected a probability from 0 to 1, got: 1.5");
        assertThatThrownBy(() -> faults.duplicate(Double.NaN))
                .hasMessage("expected a probability from 0 to 1, got: NaN");
        assertThatThrownBy(() -> faults.delay(0.5, Duration.ZERO))
                .hasMessage("expected the longest delay to be more than 0, got: PT0S");
    }

    private static Object next() {
        return Processes.receive(message -> message);
    }
}
