package kv.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import kv.client.Endpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoadTest {

    private static Settings settings(TestServer server, Duration duration) {
        InetSocketAddress address = new kv.Address().convert(server.address());
        return new Settings(
                new Endpoint(address, null, null),
                new KvDialect(1, new Values(16)),
                2,
                4,
                Mix.parse("get=1,put=1"),
                10,
                Distribution.UNIFORM,
                Duration.ZERO,
                duration,
                OptionalInt.empty(),
                Duration.ofMillis(100));
    }

    @Test
    void progress_is_told_once_a_second_until_the_run_is_stopped() throws IOException {
        List<String> lines = new ArrayList<>();
        try (TestServer server = new TestServer((request, right) -> right)) {
            Load[] load = new Load[1];
            load[0] =
                    new Load(
                            settings(server, Duration.ofHours(1)),
                            line -> {
                                lines.add(line);
                                load[0].stop();
                            });
            Result result = load[0].run();

            assertThat(result.isClean()).isTrue();
            assertThat(result.seconds()).isBetween(1.0, 30.0);
            assertThat(result.answers()).isPositive();
        }
        assertThat(lines).singleElement().asString().matches("[1-9]\\d* requests/s, 0 problems");
    }

    @Test
    void answers_that_never_come_are_lost() throws IOException {
        AtomicInteger count = new AtomicInteger();
        try (TestServer server =
                new TestServer((request, right) -> count.incrementAndGet() > 100 ? "" : right)) {
            Result result = new Load(settings(server, Duration.ofMillis(100)), line -> {}).run();

            assertThat(result.isClean()).isFalse();
            assertThat(result.lost()).isEqualTo(8);
            assertThat(result.problem()).contains("8 requests were not answered in time");
        }
    }
}
