package io.genserver.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CallServer;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.StartOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// A probe stands in for a server: it records what it gets and answers as the test says.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ProbeTest {

    record Charge(int amount) implements Call<Boolean> {}

    /// What the probes of these tests stand in for.
    private static final class Gateway implements CallServer<Integer, Charge> {
        @Override
        public Init<Integer> init() {
            return Init.ok(0);
        }

        @Override
        public CallResult<Integer> handleCall(Charge request, From from, Integer state) {
            return CallResult.reply(request, true, state);
        }
    }

    @Test
    void answers_calls_and_records_calls_casts_and_messages(TestSupervisor test) {
        Probe<Gateway> probe = test.startProbe(Gateway.class);
        probe.answer(Charge.class, charge -> charge.amount() < 100);

        assertThat(GenServer.call(probe.server(), new Charge(1))).isTrue();
        assertThat(GenServer.call(probe.server(), new Charge(100))).isFalse();
        GenServer.cast(probe.server().untyped(), "cast");
        Processes.send(probe.server(), "message");

        assertThat(probe.assertReceive(Charge.class, charge -> charge.amount() == 100))
                .isEqualTo(new Charge(100));
        assertThat(probe.assertReceive(Charge.class)).isEqualTo(new Charge(1));
        assertThat(probe.assertReceive(String.class)).isEqualTo("cast");
        assertThat(probe.assertReceive(String.class)).isEqualTo("message");
        assertThat(probe.received())
                .containsExactly(new Charge(1), new Charge(100), "cast", "message");
    }

    sealed interface Ask extends Call<String> {}

    record Small(int number) implements Ask {}

    record Large(int number) implements Ask {}

    @Test
    void answers_calls_of_a_type_by_the_most_specific_one(TestSupervisor test) {
        Probe<Gateway> probe = test.startProbe(Gateway.class);
        probe.answer(Large.class, _ -> "large").answer(Ask.class, _ -> "any");

        assertThat(probe.server().untyped())
                .satisfies(
                        it -> assertThat(GenServer.call(it, new Small(1))).isEqualTo("any"),
                        it -> assertThat(GenServer.call(it, new Large(1))).isEqualTo("large"));
    }

    @Test
    void answers_one_after_another_and_repeats_the_last(TestSupervisor test) {
        Probe<Gateway> probe = test.startProbe(Gateway.class, StartOption.name("gateway"));
        probe.answers(Charge.class, true, false);
        Server<Gateway> gateway = Server.named("gateway", Gateway.class);

        assertThat(GenServer.call(gateway, new Charge(1))).isTrue();
        assertThat(GenServer.call(gateway, new Charge(1))).isFalse();
        assertThat(GenServer.call(gateway, new Charge(1))).isFalse();
        assertThatThrownBy(() -> probe.answers(Charge.class))
                .hasMessage("expected at least one reply, got: none");
    }

    @Test
    void gives_a_message_that_comes_later_to_who_waits_for_it(TestSupervisor test) {
        Probe<Gateway> probe = test.startProbe(Gateway.class);
        Processes.sendAfter(probe.server(), "later", java.time.Duration.ofMillis(20));

        assertThat(probe.assertReceive(String.class)).isEqualTo("later");
    }

    @Test
    void says_what_it_got_instead(TestSupervisor test) {
        Probe<Gateway> probe = test.startProbe(Gateway.class);
        Processes.send(probe.server(), "other");

        assertThatThrownBy(() -> probe.assertReceive(Charge.class))
                .hasMessage(
                        "expected the probe of io.genserver.test.ProbeTest$Gateway to get a"
                                + " io.genserver.test.ProbeTest$Charge within PT2S, got: [other]");
        assertThatThrownBy(() -> probe.refuteReceive(String.class))
                .hasMessage(
                        "expected the probe of io.genserver.test.ProbeTest$Gateway to get no"
                                + " java.lang.String within PT0.1S, got: other");
        probe.refuteReceive(Charge.class);
    }

    @Test
    void crashes_at_a_call_without_an_answer() {
        InnerTests inner = InnerTests.run(AsksInVain.class);

        assertThat(inner.failure())
                .hasRootCauseMessage(
                        "expected the probe of io.genserver.test.ProbeTest$Gateway to have an answer"
                                + " to Charge[amount=7], got: none; call answer(Charge.class, ...)");
    }

    @ExtendWith(GenServerExtension.class)
    static class AsksInVain {
        @Test
        void asks(TestSupervisor test) {
            Probe<Gateway> probe = test.startProbe(Gateway.class);
            assertThatThrownBy(() -> GenServer.call(probe.server(), new Charge(7)))
                    .isInstanceOf(CallException.class);
        }
    }
}
