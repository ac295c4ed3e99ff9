package io.genserver.observer;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Sends a screen again and again, as server-sent events. Each stream has a thread, which takes the
/// looks that it needs. So without a stream nothing is done.
final class Streams implements AutoCloseable {

    /// How many streams there may be.
    static final int MOST = 20;

    private final Looks looks;
    private final Semaphore free = new Semaphore(MOST);
    private final CountDownLatch closed = new CountDownLatch(1);

    Streams(Looks looks) {
        this.looks = looks;
    }

    /// Sends what a function makes of each look, until the viewer has gone or the observer is
    /// closed.
    ///
    /// @return false if there are too many streams; nothing was sent then
    boolean send(HttpExchange exchange, Function<Look, String> screen) throws IOException {
        if (!free.tryAcquire()) {
            return false;
        }
        try (OutputStream out = exchange.getResponseBody()) {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            Look look;
            do {
                look = looks.recent();
                String event = "data: " + screen.apply(look) + "\n\n"; // JSON has no line ends
                out.write(event.getBytes(StandardCharsets.UTF_8));
                out.flush();
            } while (!closed.await(Looks.pause(look), TimeUnit.NANOSECONDS));
        } catch (InterruptedException _) { // the observer is closed
            Thread.currentThread().interrupt();
        } finally {
            free.release();
        }
        return true;
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
