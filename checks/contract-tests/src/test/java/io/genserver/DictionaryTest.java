package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.test.GenServerExtension;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class DictionaryTest {

    /// Reports its ancestors, and starts further generations if the order says so.
    static final class Descendant implements GenServer<Integer, Ok, Object, Object> {
        record Report(Pid pid, List<ServerRef> ancestors) {}

        record Start(int generations, Pid report) {}

        @Override
        public Init<Ok> init(Integer generations) {
            return Init.ok(Ok.OK);
        }

        @Override
        public CastResult<Ok> handleCast(Object request, Ok state) {
            Start start = (Start) request;
            Processes.send(start.report(), new Report(Processes.self(), Processes.ancestors()));
            if (start.generations() > 0) {
                Pid next = GenServer.startLink(Descendant::new, 0).pid();
                GenServer.cast(next, new Start(start.generations() - 1, start.report()));
            }
            return CastResult.noreply(state);
        }
    }

    @Test
    void is_a_map_of_the_process_alone() {
        assertThat(Processes.put("locale", "de")).isEmpty();
        assertThat(Processes.put("locale", "fr")).contains("de");
        Pid me = Processes.self();
        Processes.spawn(() -> Processes.send(me, Processes.get("locale")));

        assertThat(Processes.receive()).isEqualTo(java.util.Optional.empty());
        assertThat(Processes.get("locale")).contains("fr");
        assertThat(Processes.dictionary()).isEqualTo(Map.of("locale", "fr"));
        assertThat(Processes.info(me).orElseThrow().dictionary()).containsKey("locale");
        assertThat(Processes.delete("locale")).contains("fr");
        assertThat(Processes.delete("locale")).isEmpty();
        assertThat(Processes.get("locale")).isEmpty();
    }

    @Test
    void ancestors_are_named_if_they_have_a_name_and_go_back_to_the_first() {
        Pid first = GenServer.startLink(Descendant::new, 0, StartOption.name("the first")).pid();
        GenServer.cast(first, new Descendant.Start(2, Processes.self()));

        List<ServerRef> ofFirst = assertReceive(Descendant.Report.class).ancestors();
        Descendant.Report second = assertReceive(Descendant.Report.class);
        List<ServerRef> ofThird = assertReceive(Descendant.Report.class).ancestors();

        assertThat(ofFirst.getFirst()).isEqualTo(Processes.self());
        assertThat(second.ancestors().getFirst()).isEqualTo(ServerRef.name("the first"));
        assertThat(ofThird).startsWith(second.pid(), ServerRef.name("the first"));
        assertThat(ofThird).endsWith(ofFirst.toArray(ServerRef[]::new));
    }

    @Test
    void a_spawned_process_has_no_ancestors() {
        Pid me = Processes.self();
        Processes.spawn(() -> Processes.send(me, Processes.ancestors()));

        assertThat(Processes.receive()).isEqualTo(List.of());
    }

    @Test
    void callers_are_whoever_the_code_says() {
        assertThat(Processes.callers()).isEmpty();
        Processes.put(Processes.CALLERS, List.of(Processes.self()));

        assertThat(Processes.callers()).containsExactly(Processes.self());
    }

    @Test
    void a_process_has_no_label_at_first() {
        Pid me = Processes.self();
        Processes.spawn(() -> Processes.send(me, Processes.getLabel()));

        assertThat(Processes.receive()).isEqualTo(java.util.Optional.empty());
    }

    @Test
    void a_label_is_shown_to_others() {
        Processes.setLabel("order 17");
        Pid me = Processes.self();
        Processes.spawn(() -> Processes.send(me, Processes.getLabel(me)));

        assertThat(Processes.receive()).isEqualTo(java.util.Optional.of("order 17"));
        assertThat(Processes.info(me).orElseThrow().label()).contains("order 17");
    }

    @Test
    void a_dead_process_has_no_label() {
        Pid dead = Processes.spawn(() -> Processes.setLabel("gone"));
        Processes.monitor(dead);
        assertReceive(Down.class);

        assertThat(Processes.getLabel(dead)).isEmpty();
    }
}
