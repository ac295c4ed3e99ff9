package kv.server;

import io.genserver.Call;
import io.genserver.ExitReason;
import io.genserver.RequestId;
import io.genserver.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/// The writes of one connection whose replies have not been written.
///
/// A durable write waits for the disk. If a client sends many at once, the connection sends all of
/// them to their buckets before it waits for the first, so they share a sync. Replies are written
/// in the order of the requests. Any other request waits until the writes before it are done, so it
/// sees them.
final class Writes {

    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final Buckets buckets;
    private final LineOutput output;
    private final Queue<RequestId<Outcome>> begun = new ArrayDeque<>();

    Writes(Buckets buckets, LineOutput output) {
        this.buckets = buckets;
        this.output = output;
    }

    /// Begins a write.
    <Q extends Bucket.Request & Call<Outcome>> void begin(String name, Q request)
            throws IOException {
        switch (buckets.write(name, request)) {
            case Buckets.Begun.Done(Outcome outcome) -> answer(outcome.reply());
            case Buckets.Begun.Waits(RequestId<Outcome> write) -> begun.add(write);
        }
    }

    /// Writes the reply to a write that does not wait.
    void answer(String reply) throws IOException {
        finish();
        output.line(reply);
    }

    /// Waits until all writes are done, and writes their replies.
    void finish() throws IOException {
        while (!begun.isEmpty()) {
            switch (begun.remove().receiveResponse(LIMIT)) {
                case Response.Reply<Outcome>(Outcome outcome) -> output.line(outcome.reply());
                case Response.Failed<Outcome>(ExitReason reason, var _) -> throw new Failed(reason);
                case Response.TimedOut<Outcome> _ -> throw new Failed(ExitReason.TIMEOUT);
            }
        }
    }

    /// Thrown if a bucket has not answered a write.
    static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(ExitReason reason) {
            super("a write failed: " + reason, reason.cause());
        }
    }
}
