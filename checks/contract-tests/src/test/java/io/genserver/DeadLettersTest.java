package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.DeadLetter.Reason;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class DeadLettersTest {

    private final List<DeadLetter> letters = new CopyOnWriteArrayList<>();

    /// The messages of this class. Processes of other tests may still be ending and cause dead
    /// letters.
    private static final Set<String> MINE =
            Set.of("sent", "cast", "timed", "first", "second", "too late", "twice");

    private final DeadLetters.Subscription subscription =
            DeadLetters.listen(letter -> {
                if (letter.message() instanceof String text && MINE.contains(text)) {
                    letters.add(letter);
                }
            });

    @AfterEach
    void close() {
        subscription.close();
    }

    private static Pid dead() {
        Pid pid = Processes.spawn(Processes::receive);
        Processes.exit(pid, ExitReason.KILL);
        return pid;
    }

    private void assertLetters(DeadLetter... expected) {
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(letters).containsExactly(expected));
    }

    @Test
    void a_message_to_a_dead_process() {
        Pid dead = dead();

        Processes.send(dead, "sent");
        GenServer.cast(dead, "cast");
        Processes.sendAfter(dead, "timed", Duration.ofMillis(1));

        assertLetters(
                new DeadLetter(Reason.DEAD_PROCESS, dead, "sent"),
                new DeadLetter(Reason.DEAD_PROCESS, dead, "cast"),
                new DeadLetter(Reason.DEAD_PROCESS, dead, "timed"));
    }

    @Test
    void a_cast_to_a_name_nobody_has() {
        GenServer.cast(ServerRef.name("nobody"), "cast");

        assertLetters(new DeadLetter(Reason.UNKNOWN_NAME, ServerRef.name("nobody"), "cast"));
    }

    @Test
    void what_was_in_the_mailbox_of_a_process_that_died() {
        CountDownLatch never = new CountDownLatch(1);
        Pid busy = Processes.spawn(never::await);
        Processes.send(busy, "first");
        GenServer.cast(busy, "second");

        Processes.exit(busy, ExitReason.KILL);

        // Two threads empty the mailbox: the killer and the process's own.
        await().untilAsserted(() ->
                assertThat(letters)
                        .containsExactlyInAnyOrder(
                                new DeadLetter(Reason.LEFT_IN_MAILBOX, busy, "first"),
                                new DeadLetter(Reason.LEFT_IN_MAILBOX, busy, "second")));
    }

    @Test
    void a_late_reply_and_a_second_one() {
        long before = DeadLetters.counts().getOrDefault(Reason.LATE_REPLY, 0L);
        From[] kept = new From[1];
        Pid server = GenServer.start(GenServerTest.Doer::new, Ok.OK).pid();
        GenServerTest.Task keep =
                from -> {
                    kept[0] = from;
                    return GenServerTest.Doer.NO_REPLY;
                };
        assertThatThrownBy(() -> GenServer.callUntyped(server, keep, Duration.ofMillis(5)))
                .isInstanceOf(CallException.class);
        Sys.getState(server); // the request has been handled

        GenServer.replyUntyped(kept[0], "too late");
        GenServer.replyUntyped(kept[0], "twice");

        assertLetters(
                new DeadLetter(Reason.LATE_REPLY, Processes.self(), "too late"),
                new DeadLetter(Reason.LATE_REPLY, Processes.self(), "twice"));
        assertThat(DeadLetters.counts().getOrDefault(Reason.LATE_REPLY, 0L)).isEqualTo(before + 2);
        GenServer.stop(server);
    }

    @Test
    void a_listener_that_throws_hurts_nobody() {
        Pid dead = dead();
        try (DeadLetters.Subscription _ =
                DeadLetters.listen(letter -> {
                    throw new IllegalStateException("bad listener");
                })) {
            Processes.send(dead, "sent");
        }

        assertLetters(new DeadLetter(Reason.DEAD_PROCESS, dead, "sent"));
    }
}
