package kv.server;

import io.genserver.Down;
import io.genserver.Pid;
import io.genserver.Processes;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection from SUBSCRIBE on: its process writes the changes of a bucket until the client
/// closes the connection or the bucket ends.
///
/// A process that waits for messages does not see the end of its input. So a second process reads
/// and drops what the client sends, and tells the first one of the end.
///
/// @param source the process whose end ends the subscription
/// @param subscriber the connection
/// @param input what the client sends
/// @param output what the client gets
/// @param watched the connection
record Subscription(
        Pid source, Subscriber subscriber, LineInput input, LineOutput output, Watched watched) {

    private static final Logger log = LoggerFactory.getLogger(Subscription.class);

    /// Sent by the process that reads what the client sends.
    private enum Input {
        ENDED
    }

    /// Serves the subscriber. Runs in the connection's process.
    ///
    /// @throws IOException at the end of the subscription
    void serve() throws IOException {
        Pid self = Processes.self();
        Processes.monitor(source);
        input.close(); // by this thread, which has its buffer
        Processes.spawnLink(() -> awaitEndOfInput(self));
        while (true) {
            watched.begin(Phase.SUBSCRIBED);
            Object message = Processes.receive();
            while (message instanceof Subscriber.Changed change) {
                output.line(change.line());
                subscriber.written(change);
                message = Processes.receive(Object.class, Duration.ZERO).orElse(Pause.NOW);
            }
            output.flush();
            if (message instanceof Down) {
                throw new IOException("the bucket ended");
            }
            if (message == Input.ENDED) {
                throw new IOException("the subscriber closed the connection");
            }
        }
    }

    /// No further change waits.
    private enum Pause {
        NOW
    }

    private void awaitEndOfInput(Pid subscriber) {
        try {
            input.discardAll();
        } catch (IOException reset) {
            log.trace("The client broke the connection", reset);
        } finally {
            Processes.send(subscriber, Input.ENDED);
        }
    }
}
