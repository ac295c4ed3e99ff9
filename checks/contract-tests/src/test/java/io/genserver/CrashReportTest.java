package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import io.genserver.test.GenServerExtension;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class CrashReportTest {

    enum Shows {
        EVERYTHING,
        ALL_TEXT,
        NO_SECRETS,
        NOTHING,
        IS_BROKEN
    }

    record Order(String secret, @Nullable ExitReason end) implements Call<Ok> {}

    /// Ends as the order says. Its `formatStatus` shows as much as it was started to show.
    static final class Vault implements GenServer<Shows, String, Order, Order> {
        private Shows shows = Shows.EVERYTHING;

        @Override
        public Init<String> init(Shows chosen) {
            shows = chosen;
            Processes.setLabel("vault 7");
            return Init.ok("password");
        }

        @Override
        public CallResult<String> handleCall(Order order, From from, String state) {
            return end(order, state);
        }

        @Override
        public CastResult<String> handleCast(Order order, String state) {
            return end(order, state);
        }

        @Override
        public CastResult<String> handleInfo(Object message, String state) {
            return end((Order) message, state);
        }

        private static CastResult<String> end(Order order, String state) {
            if (order.end() == null) {
                throw new IllegalStateException("broken lock");
            }
            return CastResult.stop(order.end(), state);
        }

        @Override
        public FormatStatus formatStatus(FormatStatus status) throws Exception {
            return switch (shows) {
                case EVERYTHING -> status;
                case ALL_TEXT ->
                        status.withState(status.state())
                                .withMessage(status.message().orElseThrow());
                case NO_SECRETS ->
                        status.withState("***")
                                .withMessage("(hidden)")
                                .withReason(ExitReason.of("(no reason)"));
                case NOTHING -> throw new java.io.IOException("cannot format");
                case IS_BROKEN -> throw new StackOverflowError();
            };
        }

        @Override
        public Level crashLevel(ExitReason reason) {
            return switch (reason.toString()) {
                case "expected" -> Level.WARN;
                case "unknown level" -> throw new IllegalStateException("no level");
                default -> Level.ERROR;
            };
        }
    }

    /// A server of another class.
    static final class Other implements GenServer<Ok, Ok, Object, Object> {
        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok);
        }

        @Override
        public CastResult<Ok> handleCast(Object request, Ok ok) {
            return CastResult.stop(ExitReason.of(request), ok);
        }
    }

    private static Logs.Entry report(Shows shows, Order order, StartOption... options) {
        Pid vault = GenServer.start(Vault::new, shows, options).pid();
        Processes.monitor(vault);
        try (Logs logs = Logs.of(GenServer.class)) {
            GenServer.cast(vault, order);
            assertReceive(Down.class);
            return logs.with(vault.toString()).getFirst();
        }
    }

    @Test
    void says_everything_that_helps_to_find_out_why() {
        Logs.Entry report =
                report(Shows.EVERYTHING, new Order("1234", null), StartOption.name("vault"));

        assertThat(report.level()).isEqualTo("ERROR");
        assertThat(report.thrown()).hasMessage("broken lock");
        assertThat(report.text())
                .contains("(" + Vault.class.getName() + "), registered as vault terminating")
                .contains("\n  label: vault 7")
                .contains("\n  reason: java.lang.IllegalStateException: broken lock")
                .contains(
                        "\n  last message (from "
                                + Processes.self()
                                + "): cast "
                                + Order.class.getName()
                                + "\n")
                .contains("\n  state: java.lang.String, 8 characters\n")
                .contains("\n  ancestors: " + Processes.self())
                .contains("\n  messages waiting: 0")
                .doesNotContain("client");
    }

    @Test
    void of_a_failed_call_shows_what_the_client_was_doing() {
        Pid vault = GenServer.startLink(Vault::new, Shows.EVERYTHING).pid();
        Processes.trapExits(true);
        try (Logs logs = Logs.of(GenServer.class)) {
            assertThatThrownBy(() -> GenServer.call(vault, new Order("1234", null)))
                    .isInstanceOf(CallException.class);

            assertThat(logs.with(vault.toString()).getFirst().text())
                    .contains("\n  client: " + Processes.self())
                    .contains("of_a_failed_call_shows_what_the_client_was_doing")
                    .contains("\n  links: " + Processes.self());
        }
    }

    @Test
    void is_not_made_for_an_orderly_end() {
        try (Logs logs = Logs.of(GenServer.class)) {
            for (ExitReason orderly :
                    new ExitReason[] {
                        ExitReason.NORMAL, ExitReason.SHUTDOWN, ExitReason.shutdown("detail")
                    }) {
                Pid vault = GenServer.start(Vault::new, Shows.EVERYTHING).pid();
                Processes.monitor(vault);
                Processes.send(vault, new Order("1234", orderly));
                assertThat(assertReceive(Down.class).reason()).isEqualTo(orderly);
                assertThat(logs.with(vault.toString())).isEmpty();
            }
        }
    }

    @Test
    void is_not_made_by_a_server_that_was_killed() {
        Pid vault = GenServer.start(Vault::new, Shows.EVERYTHING).pid();
        try (Logs logs = Logs.of(GenServer.class)) {
            Processes.exit(vault, ExitReason.KILL);

            assertThat(logs.with(vault.toString())).isEmpty();
        }
    }

    @Test
    void shows_what_the_server_wants_to_be_shown() {
        Logs.Entry report = report(Shows.NO_SECRETS, new Order("1234", ExitReason.of("stolen")));

        assertThat(report.text())
                .contains("state: ***")
                .contains("cast (hidden)")
                .contains("reason: (no reason)")
                .doesNotContain("1234")
                .doesNotContain("stolen")
                .doesNotContain("password");
    }

    @Test
    void shows_neither_state_nor_message_unless_the_server_does() {
        assertThat(report(Shows.EVERYTHING, new Order("1234", null)).text())
                .doesNotContain("1234")
                .doesNotContain("password");
        assertThat(report(Shows.ALL_TEXT, new Order("1234", null)).text())
                .contains("cast Order[secret=1234, end=null]")
                .contains("state: password");
    }

    @Test
    void has_a_logger_for_each_class() {
        String prefix = GenServer.class.getName() + ".";
        Pid vault = GenServer.start(Vault::new, Shows.EVERYTHING).pid();
        Pid other = GenServer.start(Other::new, Ok.OK).pid();
        Processes.monitor(vault);
        Processes.monitor(other);
        try (Logs all = Logs.of(GenServer.class);
                Logs ofVault = Logs.of(prefix + Vault.class.getName());
                Logs ofOther = Logs.of(prefix + Other.class.getName())) {
            GenServer.cast(vault, new Order("1234", ExitReason.of("end")));
            GenServer.cast(other, "end");
            assertReceive(Down.class);
            assertReceive(Down.class);

            assertThat(ofVault.with(vault.toString())).hasSize(1);
            assertThat(ofVault.with(other.toString())).isEmpty();
            assertThat(ofOther.with(other.toString())).hasSize(1);
            assertThat(all.with(vault.toString())).hasSize(1);
            assertThat(all.with(other.toString())).hasSize(1);
        }
    }

    @Test
    void has_the_level_that_the_server_gives_to_the_reason() {
        assertThat(report(Shows.EVERYTHING, new Order("", ExitReason.of("expected"))).level())
                .isEqualTo("WARN");
        assertThat(report(Shows.EVERYTHING, new Order("", ExitReason.of("other"))).level())
                .isEqualTo("ERROR");
        Logs.Entry unknown =
                report(Shows.EVERYTHING, new Order("", ExitReason.of("unknown level")));
        assertThat(unknown.level()).isEqualTo("ERROR");
        assertThat(unknown.text())
                .contains("\n  level: crashLevel failed with java.lang.IllegalStateException");
    }

    @Test
    void comes_out_even_if_the_server_cannot_format_itself() {
        for (Shows failing : new Shows[] {Shows.NOTHING, Shows.IS_BROKEN}) {
            assertThat(report(failing, new Order("1234", null)).text())
                    .contains("reason: java.lang.IllegalStateException: broken lock")
                    .contains("state: (formatStatus of " + Vault.class.getName() + " failed with")
                    .doesNotContain("password");
        }
    }

    @Test
    void shows_the_events_that_were_kept() {
        Pid vault = GenServer.start(Vault::new, Shows.EVERYTHING).pid();
        Sys.log(vault, 3);
        Processes.monitor(vault);
        try (Logs logs = Logs.of(GenServer.class)) {
            GenServer.cast(vault, new Order("1234", null));
            assertReceive(Down.class);

            assertThat(logs.with(vault.toString()).getFirst().text())
                    .contains("\n  log: \n    got cast Order[secret=1234, end=null]");
        }
    }

    @Test
    void of_a_spawned_process_is_made_for_what_it_throws_and_not_for_an_exit() {
        try (Logs logs = Logs.of(GenServer.class)) {
            Processes.Monitored thrown =
                    Processes.spawnMonitor(() -> {
                        Processes.setLabel("thrower");
                        throw new java.io.IOException("thrown");
                    });
            Processes.Monitored exited =
                    Processes.spawnMonitor(() -> Processes.exit(ExitReason.of("on purpose")));
            assertReceive(Down.class, down -> down.ref().equals(thrown.ref()));
            assertReceive(Down.class, down -> down.ref().equals(exited.ref()));

            assertThat(logs.with(thrown.pid().toString()).getFirst().text())
                    .contains("(spawn) terminating")
                    .contains("\n  label: thrower")
                    .contains("\n  reason: java.io.IOException: thrown");
            assertThat(logs.with(exited.pid().toString())).isEmpty();
        }
    }

    @Test
    void of_a_process_of_a_tree_is_made_for_an_exit_too() {
        try (Logs logs = Logs.of(GenServer.class)) {
            Pid exited = ProcLib.spawn("Worker", () -> Processes.exit(ExitReason.of("on purpose")));
            Pid orderly = ProcLib.spawn("Worker", () -> Processes.exit(ExitReason.SHUTDOWN));
            Processes.monitor(exited);
            Processes.monitor(orderly);
            assertReceive(Down.class, down -> down.object().equals(exited));
            assertReceive(Down.class, down -> down.object().equals(orderly));

            assertThat(logs.with(exited.toString()).getFirst().text())
                    .contains("(Worker) terminating")
                    .contains("\n  reason: on purpose")
                    .contains("\n  ancestors: " + Processes.self());
            assertThat(logs.with(orderly.toString())).isEmpty();
        }
    }

    /// Asks the next one, if there is one, and fails otherwise.
    record Link(@Nullable Pid next) implements GenServer<Ok, Ok, Object, Object> {
        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok);
        }

        @Override
        public CallResult<Ok> handleCall(Object request, From from, Ok ok) {
            if (next == null) {
                throw new IllegalStateException("the last one failed");
            }
            return CallResult.replyUntyped(GenServer.callUntyped(next, request), ok);
        }
    }

    @Test
    void of_a_long_chain_of_calls_stay_short_and_name_where_it_began() {
        Pid first = null;
        for (int i = 0; i < 500; i++) {
            Pid next = first;
            first = GenServer.start(() -> new Link(next), Ok.OK).pid();
        }
        Pid chain = java.util.Objects.requireNonNull(first);
        try (Logs logs = Logs.of(GenServer.class)) {
            assertThatThrownBy(() -> GenServer.callUntyped(chain, "go"))
                    .isInstanceOfSatisfying(
                            CallException.class,
                            failure -> {
                                assertThat(failure.getMessage()).hasSizeLessThan(5_000);
                                assertThat(failure.serverReason().toString())
                                        .contains("the last one failed")
                                        .contains("more failed calls");
                                assertThat(failure.serverReason().cause())
                                        .hasMessage("the last one failed");
                            });

            assertThat(logs.with(chain.toString()).getFirst().text())
                    .contains("the last one failed")
                    .hasSizeLessThan(20_000);
        }
    }

    /// As when memory ends in the report.
    @Test
    void that_fails_keeps_no_process_from_ending() {
        LoggerContext log = (LoggerContext) LoggerFactory.getILoggerFactory();
        TurboFilter failing =
                new TurboFilter() {
                    @Override
                    public FilterReply decide(
                            @Nullable Marker marker,
                            Logger logger,
                            ch.qos.logback.classic.Level level,
                            @Nullable String format,
                            Object @Nullable [] arguments,
                            @Nullable Throwable thrown) {
                        if (logger.getName().startsWith(GenServer.class.getName())) {
                            throw new OutOfMemoryError("on purpose");
                        }
                        return FilterReply.NEUTRAL;
                    }
                };
        log.addTurboFilter(failing);
        try {
            Processes.Monitored _ =
                    Processes.spawnMonitor(() -> {
                        throw new IllegalStateException("broken lock");
                    });
            assertThat(assertReceive(Down.class).reason().cause())
                    .isInstanceOf(IllegalStateException.class);
            for (StartOption option :
                    List.of(
                            StartOption.ownThread(),
                            StartOption.nonBlocking(),
                            StartOption.platformThread(),
                            StartOption.name("ordinary"))) {
                Pid server = GenServer.start(Vault::new, Shows.EVERYTHING, option).pid();
                Ref _ = Processes.monitor(server);
                GenServer.cast(server, new Order("x", null));
                assertThat(assertReceive(Down.class).reason().cause())
                        .isInstanceOf(IllegalStateException.class);
            }
        } finally {
            log.getTurboFilterList().remove(failing);
        }
    }
}
