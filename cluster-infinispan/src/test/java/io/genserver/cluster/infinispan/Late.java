package io.genserver.cluster.infinispan;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jgroups.Message;
import org.jgroups.stack.Protocol;
import org.jgroups.util.MessageBatch;
import org.jspecify.annotations.Nullable;

/// Passes the messages of other nodes on half a second late. What JGroups itself tells, such as the
/// members, comes in time.
final class Late extends Protocol {

    private final Executor afterwards =
            CompletableFuture.delayedExecutor(
                    500,
                    TimeUnit.MILLISECONDS,
                    Executors.newSingleThreadExecutor(Thread.ofVirtual().factory()));

    @Override
    public @Nullable Object up(Message message) {
        afterwards.execute(() -> up_prot.up(message));
        return null;
    }

    @Override
    public void up(MessageBatch batch) {
        batch.forEach(this::up);
    }
}
