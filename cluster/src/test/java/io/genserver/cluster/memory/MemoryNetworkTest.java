package io.genserver.cluster.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MemoryNetworkTest {

    private final List<String> events = new ArrayList<>();
    private final MemoryNetwork network = MemoryNetwork.manual(1);
    private final Engine a = network.engine("a");
    private final Engine b = network.engine("b");
    private final Member atA = start(a, "a");
    private final Member atB = start(b, "b");

    MemoryNetworkTest() throws Exception {
        while (network.step()) {
            events.clear();
        }
        events.clear();
    }

    private Member start(Engine engine, String name) throws Exception {
        return start(engine, name, events);
    }

    private static Member start(Engine engine, String name, List<String> events) throws Exception {
        return engine.start(
                new Engine.Handler() {
                    @Override
                    public void members(Set<Member> members, Set<Member> merged) {
                        events.add(name + " sees " + names(members) + " merged " + names(merged));
                    }

                    @Override
                    public void received(Member from, byte[] frame) {
                        events.add(name + " gets " + frame[0] + " from " + from);
                    }
                });
    }

    private static Set<String> names(Set<Member> members) {
        Set<String> names = new TreeSet<>();
        members.forEach(member -> names.add(member.toString()));
        return names;
    }

    private static byte[] frame(int content) {
        return new byte[] {(byte) content};
    }

    @Test
    void moves_nothing_until_the_test_says_so() throws Exception {
        a.send(atB, frame(1));
        a.send(atB, frame(2));
        assertThat(events).isEmpty();
        assertThat(network.pending("a", "b")).isEqualTo(2);
        assertThat(network.step("b", "a")).isFalse();
        assertThat(network.step("a", "b")).isTrue();
        assertThat(network.step()).isTrue();
        assertThat(network.step()).isFalse();
        assertThat(events).containsExactly("b gets 1 from a#1", "b gets 2 from a#1");
    }

    @Test
    void keeps_frames_over_a_cut_and_drops_those_sent_during_it() throws Exception {
        a.send(atB, frame(1));
        network.cut("a", "b");
        a.send(atB, frame(2));
        assertThat(network.report("a")).isTrue();
        assertThat(network.report("b")).isTrue();
        assertThat(network.step()).isFalse();
        network.heal("a", "b");
        assertThat(network.step("a", "b")).isTrue();
        assertThat(network.report("b")).isTrue();
        assertThat(network.report("a")).isTrue();
        assertThat(events)
                .containsExactly(
                        "a sees [] merged []",
                        "b sees [] merged []",
                        "b gets 1 from a#1",
                        "b sees [a#1] merged [a#1]",
                        "a sees [b#2] merged [b#2]");
        assertThat(network.step()).isFalse();
    }

    @Test
    void lets_a_paused_engine_notice_nothing() {
        network.pause("b");
        assertThat(network.report("a")).isTrue();
        assertThat(network.report("b")).isFalse();
        network.resume("b");
        assertThat(network.report("a")).isTrue();
        assertThat(network.report("b")).isTrue();
        assertThat(events)
                .containsExactly(
                        "a sees [] merged []",
                        "a sees [b#2] merged [b#2]",
                        "b sees [a#1] merged [a#1]");
    }

    @Test
    void drops_in_one_direction() throws Exception {
        network.drop("a", "b");
        a.send(atB, frame(1));
        b.send(atA, frame(2));
        network.restore("a", "b");
        a.send(atB, frame(3));
        while (network.step()) {
            assertThat(events.size()).isLessThan(3);
        }
        assertThat(events).containsExactlyInAnyOrder("a gets 2 from b#2", "b gets 3 from a#1");
    }

    @Test
    void delays_by_its_own_time() throws Exception {
        network.delay("a", "b", Duration.ofSeconds(1), Duration.ofSeconds(2));
        a.send(atB, frame(1));
        network.advance(Duration.ofMillis(999));
        assertThat(network.step()).isFalse();
        network.advance(Duration.ofMillis(1001));
        assertThat(network.step()).isTrue();
        assertThat(events).containsExactly("b gets 1 from a#1");
    }

    @Test
    void reports_what_is_lost_by_a_crash_or_a_close() throws Exception {
        b.send(atA, frame(1));
        network.crash("b");
        while (network.step()) {
            assertThat(events).hasSize(1);
        }
        assertThat(events).containsExactly("a sees [] merged []");
        Engine second = network.engine("b");
        start(second, "b");
        while (network.step()) {
            assertThat(events.size()).isLessThan(4);
        }
        second.close();
        while (network.step()) {
            assertThat(events.size()).isLessThan(5);
        }
        assertThat(events).contains("a sees [b#3] merged []").endsWith("a sees [] merged []");
    }

    @Test
    void refuses_a_name_that_is_in_use() {
        assertThatIllegalStateException().isThrownBy(() -> network.engine("a"));
    }

    @Test
    void does_the_same_for_the_same_seed() throws Exception {
        List<String> first = history(7);
        assertThat(history(7)).isEqualTo(first);
        boolean differs = false;
        for (long seed = 8; seed < 20; seed++) {
            differs |= !history(seed).equals(first);
        }
        assertThat(differs).isTrue();
    }

    private static List<String> history(long seed) throws Exception {
        List<String> seen = new ArrayList<>();
        MemoryNetwork network = MemoryNetwork.manual(seed);
        Engine a = network.engine("a");
        Engine b = network.engine("b");
        Engine c = network.engine("c");
        Member atA = start(a, "a", seen);
        start(b, "b", seen);
        start(c, "c", seen);
        for (int i = 0; i < 20; i++) {
            b.send(atA, frame(i));
            c.send(atA, frame(i));
        }
        boolean moves = true;
        while (moves) {
            moves = network.step();
        }
        return seen;
    }
}
