package io.genserver;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.DeadLetter.Reason;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Many threads call, cast and send to one server with a small mailbox. Each message has exactly
/// one outcome, the server handles what it handles in the order sent, and the limit holds.
@ExtendWith(GenServerExtension.class)
@Timeout(120)
class OverloadStressTest {

    private static final int SENDERS = 8;
    private static final int MESSAGES = 4_000; // of each sender
    private static final int LIMIT = 4;

    private static final int HANDLED = 1;
    private static final int REPLIED = 16;
    private static final int FAILED = 256;
    private static final int THROWN = 4_096;
    private static final int LETTER = 65_536;

    /// One message, identified by its sender and its place among those of the sender.
    record Numbered(Object test, int sender, int number) implements Call<Ok> {}

    /// What happened to each message: a count for each of the five events.
    private final AtomicIntegerArray events = new AtomicIntegerArray(SENDERS * MESSAGES);

    private final int[] lastHandled = new int[SENDERS];
    private final AtomicInteger outOfOrder = new AtomicInteger();
    private final ConcurrentHashMap<Reason, Integer> reasons = new ConcurrentHashMap<>();

    private void event(Numbered message, int kind) {
        events.addAndGet(message.sender() * MESSAGES + message.number(), kind);
    }

    final class Server implements GenServer<Ok, Ok, Numbered, Numbered> {
        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok);
        }

        private void take(Numbered message) {
            event(message, HANDLED);
            if (lastHandled[message.sender()] >= message.number()) {
                outOfOrder.incrementAndGet();
            }
            lastHandled[message.sender()] = message.number();
        }

        @Override
        public CallResult<Ok> handleCall(Numbered message, From from, Ok ok) {
            take(message);
            return reply(message, ok, ok);
        }

        @Override
        public CastResult<Ok> handleCast(Numbered message, Ok ok) {
            take(message);
            return noreply(ok);
        }

        @Override
        public CastResult<Ok> handleInfo(Object message, Ok ok) {
            take((Numbered) message);
            return noreply(ok);
        }
    }

    static Stream<Arguments> servers() {
        List<WhenFull> policies =
                List.of(
                        WhenFull.fail(),
                        WhenFull.dropNewest(),
                        WhenFull.dropOldest(),
                        WhenFull.block(Duration.ofSeconds(60)),
                        WhenFull.block(Duration.ofNanos(20_000)));
        return policies.stream()
                .flatMap(policy ->
                        Stream.of(
                                Arguments.of(policy, List.of()),
                                Arguments.of(policy, List.of(StartOption.nonBlocking())),
                                Arguments.of(policy, List.of(StartOption.ownThread()))));
    }

    @ParameterizedTest
    @MethodSource("servers")
    void each_message_has_one_outcome(WhenFull whenFull, List<StartOption> where) throws Exception {
        Arrays.fill(lastHandled, -1);
        List<StartOption> options = new ArrayList<>(where);
        options.add(StartOption.mailbox(LIMIT, whenFull));
        Pid server = GenServer.start(Server::new, Ok.OK, options.toArray(StartOption[]::new)).pid();
        boolean exact = !(whenFull instanceof WhenFull.DropOldest);
        int longest;
        try (DeadLetters.Subscription _ = DeadLetters.listen(this::count)) {
            longest = sendAll(server);
            await().atMost(20, TimeUnit.SECONDS).until(() -> unfinished() == 0);
        }

        assertThat(outOfOrder).hasValue(0);
        assertThat(longest).isLessThanOrEqualTo(exact ? LIMIT : LIMIT + SENDERS);
        for (int i = 0; i < events.length(); i++) {
            assertThat(events.get(i)).as("message %s", i).isIn(allowed(i % MESSAGES));
        }
        assertThat(Processes.mailboxLength(server)).hasValue(0);
        assertThat(reasons.keySet())
                .isSubsetOf(
                        switch (whenFull) {
                            case WhenFull.DropNewest() -> List.of(Reason.MAILBOX_FULL);
                            case WhenFull.DropOldest() -> List.of(Reason.DROPPED_OLDEST);
                            case WhenFull.Fail(), WhenFull.Block(_) -> List.of();
                        });
        GenServer.stop(server);
    }

    private static boolean isCall(int number) {
        return number % 3 == 0;
    }

    /// A call is handled and replied, or fails. A cast or a message is handled, thrown back or a
    /// dead letter.
    private static List<Integer> allowed(int number) {
        return isCall(number)
                ? List.of(HANDLED + REPLIED, FAILED)
                : List.of(HANDLED, THROWN, LETTER);
    }

    private int unfinished() {
        int count = 0;
        for (int i = 0; i < events.length(); i++) {
            if (events.get(i) == 0) {
                count++;
            }
        }
        return count;
    }

    private void count(DeadLetter letter) {
        if (letter.message() instanceof Numbered message && message.test() == this) {
            event(message, LETTER);
            reasons.merge(letter.reason(), 1, Integer::sum);
        }
    }

    /// @return the greatest length of the mailbox that was seen
    private int sendAll(Pid server) throws InterruptedException {
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < SENDERS; i++) {
            int sender = i;
            Runnable send = () -> sendFrom(sender, server);
            senders.add(
                    sender % 2 == 0
                            ? Thread.ofPlatform().start(send)
                            : Thread.ofVirtual().start(send));
        }
        int longest = 0;
        for (Thread sender : senders) {
            while (sender.isAlive()) {
                // The mailbox may also hold what this test does not count, but nothing sends that.
                longest = Math.max(longest, Processes.mailboxLength(server).orElseThrow());
                Thread.onSpinWait();
            }
            sender.join();
        }
        return longest;
    }

    private void sendFrom(int sender, Pid server) {
        for (int i = 0; i < MESSAGES; i++) {
            Numbered message = new Numbered(this, sender, i);
            try {
                switch (i % 3) {
                    case 0 -> {
                        GenServer.call(server, message, Duration.ofSeconds(60));
                        event(message, REPLIED);
                    }
                    case 1 -> GenServer.cast(server, message);
                    default -> Processes.send(server, message);
                }
            } catch (ExitException refused) {
                assertThat(
                                refused instanceof CallException failed
                                        ? failed.serverReason()
                                        : refused.reason())
                        .isEqualTo(ExitReason.MAILBOX_FULL);
                event(message, isCall(i) ? FAILED : THROWN);
            }
        }
    }
}
