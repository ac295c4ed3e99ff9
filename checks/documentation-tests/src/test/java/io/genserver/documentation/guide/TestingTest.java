package io.genserver.documentation.guide;

import static io.genserver.test.MessageAssertions.awaitDown;
import static io.genserver.test.MessageAssertions.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.*;
import io.genserver.supervisor.*;
import io.genserver.test.*;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
class TestingTest {

    private static final Server<Inventory> INVENTORY = Server.named("inventory", Inventory.class);

    private static ChildSpec<Inventory> inventory() {
        StartOption name = StartOption.name(INVENTORY);
        return ChildSpec.worker(
                "inventory", () -> GenServer.startLink(Inventory::new, Map.of("lamp", 1), name));
    }

    @Test
    void runs_functions_after_the_test(TestSupervisor test) {
        test.startSupervised(inventory());
        test.onExit(() -> assertThat(Processes.whereis("inventory")).isEmpty());
    }

    @Nested
    class shared_by_a_class {

        @BeforeAll
        static void start(TestSupervisor tests) {
            tests.startSupervised(inventory());
        }

        @Test
        void is_seen_by_its_tests() {
            assertThat(Inventory.reserve(INVENTORY, "lamp")).isTrue();
        }
    }

    @Test
    void heals(TestSupervisor test) {
        test.startSupervised(inventory());
        Inventory.reserve(INVENTORY, "lamp");

        test.killChild("inventory");

        assertThat(Inventory.reserve(INVENTORY, "lamp")).isTrue(); // as at first
    }

    @Test
    void declares_a_crash(TestSupervisor test) {
        test.startSupervised(inventory());
        test.expectCrash(INVENTORY);
        Ref monitor = Processes.monitor(INVENTORY);

        GenServer.stop(INVENTORY, ExitReason.of("the disk is full"));

        assertThat(awaitDown(monitor)).isEqualTo(ExitReason.of("the disk is full"));
        eventually(() -> assertThat(Processes.whereis("inventory")).isPresent());
    }

    record Charge(int cents) implements Call<Boolean> {}

    interface Gateway extends GenServer<Ok, Ok, Charge, Object> {}

    static boolean pay(Server<Gateway> gateway, int cents) {
        return GenServer.call(gateway, new Charge(cents));
    }

    @Test
    void stands_in_for_a_server(TestSupervisor test) {
        Probe<Gateway> gateway = test.startProbe(Gateway.class);
        gateway.answer(Charge.class, charge -> charge.cents() < 10_000);

        assertThat(pay(gateway.server(), 4_200)).isTrue();

        assertThat(gateway.assertReceive(Charge.class)).isEqualTo(new Charge(4_200));
    }

    static final NodeLocal<Clock> CLOCK = NodeLocal.withDefault(Clock::systemUTC);

    @Test
    void replaces_a_global(TestSupervisor test) {
        Instant noon = Instant.parse("2026-01-01T12:00:00Z");

        test.put(CLOCK, Clock.fixed(noon, ZoneOffset.UTC));

        Server<Agent<Integer>> server = test.startSupervised(() -> Agent.startLink(() -> 1));
        assertThat(Agent.<Integer, Instant>get(server, _ -> CLOCK.get().instant())).isEqualTo(noon);
    }

    @Test
    @CaptureLog
    void asserts_on_the_log(TestSupervisor test) {
        test.startSupervised(inventory());

        test.crashChild("inventory", new IllegalStateException("the disk is full"));

        assertThat(test.capturedLog()).anyMatch(line -> line.contains("the disk is full"));
    }
}
