package kv.server;

import static io.genserver.test.MessageAssertions.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Processes;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.TaskSupervisor;
import io.genserver.test.TestSupervisor;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import kv.store.Store;
import org.jspecify.annotations.Nullable;

/// A service that runs for one test, on a free port.
record Running(Listener listener, Front front) {

    /// Longer than a test may take, so a stop that takes all of it fails the test.
    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofMinutes(10);

    private static final Duration LONG = Duration.ofSeconds(20);

    /// Limits that no test reaches.
    static final Limits WIDE = limits(Duration.ZERO, Duration.ofSeconds(30));

    static Limits limits(Duration idleTimeout, Duration lineTimeout) {
        return new Limits(
                10_000, idleTimeout, lineTimeout, 64 << 10, 1 << 10, 60 << 10, 1 << 30, 1 << 20);
    }

    static Running start(TestSupervisor test) throws IOException {
        return start(test, WIDE);
    }

    static Running start(TestSupervisor test, Limits limits) throws IOException {
        return start(test, limits, Access.open(), null, null);
    }

    static Running start(
            TestSupervisor test,
            Limits limits,
            Access access,
            @Nullable Tls tls,
            @Nullable Store store)
            throws IOException {
        Listener listener = Listener.bind(InetAddress.getLoopbackAddress(), 0);
        test.onExit(listener::close);
        Front front = Front.of(limits, access, tls, store);
        Service service = new Service(listener, front, SHUTDOWN_TIMEOUT);
        test.startSupervised(ChildSpec.supervisor("kv", service::startLink));
        return new Running(listener, front);
    }

    /// Waits for what no message tells.
    static void until(BooleanSupplier condition) {
        eventually(() -> assertThat(condition.getAsBoolean()).isTrue(), LONG);
    }

    /// Waits until a connection monitors a bucket.
    static void awaitSubscriber() {
        until(() ->
                TaskSupervisor.children(Acceptor.CONNECTIONS).stream()
                        .flatMap(pid -> Processes.info(pid).stream())
                        .anyMatch(info -> !info.monitors().isEmpty()));
    }

    LocalBuckets buckets() {
        return (LocalBuckets) front.buckets();
    }

    Client client() throws IOException {
        return new Client(listener.port());
    }
}
