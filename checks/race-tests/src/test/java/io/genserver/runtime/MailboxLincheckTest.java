package io.genserver.runtime;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What several senders and one owner do to a mailbox at the same time has results that some
/// sequential order would also have. So the messages of one sender stay in order, and none is lost.
@Param(name = "message", gen = IntGen.class, conf = "1:9")
public class MailboxLincheckTest {

    private final Mailbox mailbox = new Mailbox();

    @Operation
    public void offer(@Param(name = "message") int message) {
        mailbox.offer(message);
    }

    @Operation(nonParallelGroup = "owner")
    public @Nullable Object poll() {
        return mailbox.take();
    }

    @Operation(nonParallelGroup = "owner")
    public boolean hasNew() {
        return mailbox.hasNew();
    }

    /// Takes a message out of the middle, and passes over the messages before it.
    @Operation(nonParallelGroup = "owner")
    public @Nullable Object receive(@Param(name = "message") int wanted) {
        return mailbox.take(message -> message.equals(wanted) ? message : null, false);
    }

    /// Looks at all messages, and so moves them, from a thread that may not be the owner's. What it
    /// sees is weakly consistent, so its result is not compared. The other operations show that no
    /// message is lost or reordered.
    @Operation
    public void look() {
        mailbox.visit(Integer.MAX_VALUE, _ -> {});
        mailbox.length();
    }

    /// The sequential specification.
    public static final class Model {
        private final Queue<Object> passedOver = new ArrayDeque<>();
        private final Queue<Object> queue = new ArrayDeque<>();

        public void offer(int message) {
            queue.add(message);
        }

        public void look() {}

        public @Nullable Object poll() {
            return passedOver.isEmpty() ? queue.poll() : passedOver.poll();
        }

        public boolean hasNew() {
            return !queue.isEmpty();
        }

        public @Nullable Object receive(int wanted) {
            Object message = queue.poll();
            while (message != null && !message.equals(wanted)) {
                passedOver.add(message);
                message = queue.poll();
            }
            return message;
        }
    }

    @Test
    void holds_under_stress() {
        new StressOptions()
                .iterations(20)
                .invocationsPerIteration(1_000)
                .threads(3)
                .actorsBefore(2)
                .actorsPerThread(3)
                .actorsAfter(2)
                .sequentialSpecification(Model.class)
                .check(MailboxLincheckTest.class);
    }

    @Test
    void holds_in_the_interleavings_of_the_model_checker() {
        new ModelCheckingOptions()
                .iterations(10)
                .invocationsPerIteration(200)
                .threads(3)
                .actorsBefore(1)
                .actorsPerThread(3)
                .actorsAfter(1)
                .sequentialSpecification(Model.class)
                .check(MailboxLincheckTest.class);
    }
}
