package io.genserver;

import static io.genserver.CallResult.replyUntyped;
import static io.genserver.CastResult.noreply;
import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.genserver.test.GenServerExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Servers that call each other in a cycle.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class CallCycleTest {

    /// The servers that a call still has to pass through.
    record Via(List<Pid> route) {}

    /// Calls the next server on the route and replies with its reply.
    static final class Forwarder implements GenServer<Ok, Ok, Via, Object> {
        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok);
        }

        @Override
        public CallResult<Ok> handleCall(Via via, From from, Ok ok) {
            if (via.route().isEmpty()) {
                return replyUntyped("arrived", ok);
            }
            Via rest = new Via(via.route().subList(1, via.route().size()));
            try {
                return replyUntyped(
                        GenServer.callUntyped(via.route().getFirst(), rest, GenServer.INFINITY),
                        ok);
            } catch (CallException failed) {
                return replyUntyped(failed, ok);
            }
        }
    }

    private final List<Pid> servers = new ArrayList<>();

    private Pid server() {
        Pid pid = GenServer.startLink(Forwarder::new, Ok.OK).pid();
        servers.add(pid);
        return pid;
    }

    private static CallException ask(Pid first, List<Pid> route) {
        return (CallException) Objects.requireNonNull(GenServer.callUntyped(first, new Via(route)));
    }

    @Test
    void a_chain_that_is_no_circle_arrives() {
        Pid a = server();
        Pid b = server();
        Pid c = server();

        assertThat(GenServer.callUntyped(a, new Via(List.of(b, c)))).isEqualTo("arrived");
    }

    @Test
    void the_call_that_closes_a_circle_of_two_fails_at_once_and_names_it() {
        Pid a = server();
        Pid b = server();

        CallException failure = ask(a, List.of(b, a));

        assertThat(failure.serverReason()).isEqualTo(new ExitReason.CallCycle(List.of(b, a, b)));
        assertThat(failure.getMessage())
                .startsWith("call to " + a)
                .endsWith(
                        "would never be answered, because these processes would wait for each other: "
                                + b
                                + " -> "
                                + a
                                + " -> "
                                + b);
    }

    @Test
    void a_circle_of_any_length_is_found() {
        for (int i = 0; i < 20; i++) {
            server();
        }
        List<Pid> route = new ArrayList<>(servers.subList(1, servers.size()));
        route.add(servers.getFirst());

        CallException failure = ask(servers.getFirst(), route);

        assertThat(failure.serverReason())
                .isInstanceOfSatisfying(
                        ExitReason.CallCycle.class, cycle -> assertThat(cycle.chain()).hasSize(21));
    }

    /// Tells the test about each call, and replies to it when a cast tells it to.
    static final class Deferring implements GenServer<Pid, From[], Object, String> {
        @SuppressWarnings("NullAway.Init") // set in init
        private Pid test;

        @Override
        public Init<From[]> init(Pid pid) {
            test = pid;
            return Init.ok(new From[1]);
        }

        @Override
        public CallResult<From[]> handleCall(Object request, From from, From[] kept) {
            kept[0] = from;
            Processes.send(test, "asked");
            return noreply(kept);
        }

        @Override
        public CastResult<From[]> handleCast(String answer, From[] kept) {
            GenServer.replyUntyped(kept[0], answer);
            return noreply(kept);
        }
    }

    @Test
    void a_caller_whose_answer_was_put_off_may_be_called() {
        Pid deferring = GenServer.startLink(Deferring::new, Processes.self()).pid();
        Pid waiting = server();
        Processes.Monitored caller =
                Processes.spawnMonitor(
                        () -> GenServer.callUntyped(waiting, new Via(List.of(deferring))));
        assertReceive("asked");

        GenServer.cast(deferring, "late but welcome");

        assertThat(Processes.receive(Down.class).reason()).isEqualTo(ExitReason.NORMAL);
        assertThat(caller.pid()).isNotNull();
        assertThat(
                        catchThrowableOfType(
                                        CallException.class, () -> GenServer.stop(caller.pid()))
                                .serverReason())
                .isEqualTo(ExitReason.NOPROC);
    }
}
