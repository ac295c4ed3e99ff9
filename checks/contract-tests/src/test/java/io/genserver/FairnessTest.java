package io.genserver;

import static io.genserver.CallResult.reply;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.test.GenServerExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pairs of processes that call each other in a loop keep every core busy. With the JDK's scheduler
/// alone, all others would starve.
@ExtendWith(GenServerExtension.class)
@Timeout(120)
class FairnessTest {

    private static final int OUTSIDE_CALLS = 500;

    static final class Counter implements GenServer<Ok, long[], Counter.Next, Object> {
        record Next() implements Call<Long> {}

        @Override
        public Init<long[]> init(Ok ok) {
            return Init.ok(new long[1]);
        }

        @Override
        public CallResult<long[]> handleCall(Next next, From from, long[] count) {
            return reply(next, ++count[0], count);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 64})
    void saturating_pairs_do_not_starve_a_thread_outside(int pairs) throws Exception {
        List<Pid> callers = new ArrayList<>();
        try {
            for (int i = 0; i < pairs; i++) {
                callers.add(Processes.spawn(FairnessTest::callForEver));
            }
            Pid server = GenServer.startLink(Counter::new, Ok.OK).pid();

            long answered = Outside.run(() -> callOften(server)).get(100, TimeUnit.SECONDS);

            assertThat(answered).isEqualTo(OUTSIDE_CALLS);
            Processes.sendAfter(Processes.self(), "timer", Duration.ofMillis(1));
            assertThat(Processes.receive(String.class, Duration.ofSeconds(20))).contains("timer");
            wakeThroughSocket();
        } finally {
            callers.forEach(caller -> Processes.exit(caller, ExitReason.KILL));
        }
    }

    /// Checks that a process that waits for a byte from a socket gets it.
    private static void wakeThroughSocket() throws IOException {
        Pid self = Processes.self();
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket writing = new Socket(listening.getInetAddress(), listening.getLocalPort());
                Socket reading = listening.accept()) {
            Processes.spawn(() -> Processes.send(self, reading.getInputStream().read()));

            writing.getOutputStream().write(17);

            assertThat(Processes.receive(Integer.class, Duration.ofSeconds(20))).contains(17);
        }
    }

    @Test
    @SuppressWarnings("ThreadPriorityCheck") // users yield like this
    void callers_that_try_again_at_once_do_not_keep_away_who_restarts_the_server()
            throws Exception {
        int callers = 64;
        CountDownLatch answered = new CountDownLatch(callers);
        ServerRef name = ServerRef.name("comes late");
        for (int i = 0; i < callers; i++) {
            Processes.spawn(() -> {
                while (true) {
                    try {
                        GenServer.call(name, new Counter.Next());
                        answered.countDown();
                        return;
                    } catch (CallException notYet) {
                        Thread.yield();
                    }
                }
            });
        }

        Pid starter =
                Processes.spawn(() -> {
                    Processes.sleep(Duration.ofMillis(50));
                    GenServer.startLink(Counter::new, Ok.OK, StartOption.name("comes late"));
                    Processes.receive();
                });

        assertThat(answered.await(60, TimeUnit.SECONDS)).isTrue();
        Processes.exit(starter, ExitReason.KILL);
    }

    private static long callOften(Pid server) {
        long last = 0;
        for (int i = 0; i < OUTSIDE_CALLS; i++) {
            last = GenServer.call(server, new Counter.Next());
        }
        return last;
    }

    private static void callForEver() {
        Pid mine = GenServer.startLink(Counter::new, Ok.OK).pid();
        while (true) {
            GenServer.call(mine, new Counter.Next());
        }
    }
}
