package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.genserver.test.GenServerExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@ExtendWith(GenServerExtension.class)
@Timeout(60)
class LongTurnTest {

    private final AtomicBoolean enough = new AtomicBoolean();

    private Object burn() {
        while (!enough.get()) {
            Thread.onSpinWait();
        }
        return Thread.currentThread().isVirtual();
    }

    private static Pid doer(StartOption... options) {
        return GenServer.startLink(GenServerTest.Doer::new, Ok.OK, options).pid();
    }

    private static RequestId<@org.jspecify.annotations.Nullable Object> ask(
            Pid server, GenServerTest.Task task) {
        return GenServer.sendRequestUntyped(server, task);
    }

    @Test
    void is_reported_once_with_the_stack_to_the_log_and_the_flight_recorder(@TempDir Path folder)
            throws Exception {
        Path file = folder.resolve("turns.jfr");
        try (Recording recording = new Recording();
                Logs logs = Logs.of(StartOption.class)) {
            recording.enable("io.genserver.LongTurn");
            recording.start();
            Pid burning = doer(StartOption.name("burning"));
            var burnt = ask(burning, _ -> burn());

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> !logs.with(burning.toString()).isEmpty());
            String text = logs.with(burning.toString()).getFirst().text();
            assertThat(text)
                    .contains("registered as burning, has been computing for a second or more")
                    .contains("StartOption.platformThread()")
                    .contains("LongTurnTest.burn");
            enough.set(true);
            assertThat(burnt.receiveResponse(Duration.ofSeconds(10)).reply()).isEqualTo(true);
            assertThat(logs.with(burning.toString())).hasSize(1);
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertThat(events)
                .filteredOn(event -> event.hasField("stack")) // others have their defaults
                .anySatisfy(event ->
                        assertThat(event.getString("stack")).contains("LongTurnTest.burn"));
    }

    @Test
    void is_reported_of_a_server_with_a_thread_of_its_own_that_has_been_idle() {
        try (Logs logs = Logs.of(StartOption.class)) {
            Pid burning = doer(StartOption.ownThread());
            ask(burning, _ -> "done").receiveResponse(Duration.ofSeconds(10));
            Processes.sleep(Duration.ofMillis(2_500)); // longer than two looks at idle servers

            var burnt = ask(burning, _ -> burn());

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> !logs.with(burning.toString()).isEmpty());
            enough.set(true);
            assertThat(burnt.receiveResponse(Duration.ofSeconds(10)).reply()).isEqualTo(true);
        } finally {
            enough.set(true);
        }
    }

    @Test
    void is_reported_without_holding_up_the_timers() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Pid burning = doer();
        var blocking =
                new AppenderBase<ILoggingEvent>() {
                    @Override
                    protected void append(ILoggingEvent event) {
                        if (event.getFormattedMessage().contains(burning.toString())) {
                            stuck.countDown();
                            awaitQuietly(release);
                        }
                    }
                };
        Logger logger = (Logger) LoggerFactory.getLogger(StartOption.class);
        blocking.start();
        logger.addAppender(blocking);
        try {
            var burnt = ask(burning, _ -> burn());
            assertThat(stuck.await(20, TimeUnit.SECONDS)).isTrue();

            Processes.sendAfter(Processes.self(), "tick", Duration.ofMillis(1));
            assertReceive(Match.value("tick"), Duration.ofSeconds(10));

            enough.set(true);
            assertThat(burnt.receiveResponse(Duration.ofSeconds(10)).reply()).isEqualTo(true);
        } finally {
            enough.set(true);
            release.countDown();
            logger.detachAppender(blocking);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// The servers that compute are asked last. When they are reported, the others have been looked
    /// at for a second, too.
    @Test
    void on_a_platform_thread_or_in_a_wait_is_nobodys_business() throws Exception {
        try (Logs logs = Logs.of(StartOption.class)) {
            CountDownLatch inTurn = new CountDownLatch(2);
            CountDownLatch release = new CountDownLatch(1);
            Pid burning = doer(StartOption.platformThread());
            Pid waiting = doer();
            Pid own = doer(StartOption.ownThread());
            Pid reported = doer();
            Pid reportedOwn = doer(StartOption.ownThread());
            GenServerTest.Task await =
                    _ -> {
                        inTurn.countDown();
                        release.await();
                        return "waited";
                    };
            var burnt = ask(burning, _ -> burn());
            List<RequestId<@org.jspecify.annotations.Nullable Object>> waits =
                    List.of(ask(waiting, await), ask(own, await));
            assertThat(inTurn.await(20, TimeUnit.SECONDS)).isTrue();
            ask(reported, _ -> burn());
            ask(reportedOwn, _ -> burn());

            await().atMost(Duration.ofSeconds(20))
                    .until(() ->
                            !logs.with(reported.toString()).isEmpty()
                                    && !logs.with(reportedOwn.toString()).isEmpty());
            enough.set(true);
            release.countDown();
            for (var wait : waits) {
                assertThat(wait.receiveResponse(Duration.ofSeconds(10)).reply())
                        .isEqualTo("waited");
            }
            assertThat(burnt.receiveResponse(Duration.ofSeconds(10)).reply()).isEqualTo(false);
            for (Pid silent : List.of(burning, waiting, own)) {
                assertThat(logs.with(silent.toString())).isEmpty();
            }
        } finally {
            enough.set(true);
        }
    }
}
