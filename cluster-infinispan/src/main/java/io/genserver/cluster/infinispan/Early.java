package io.genserver.cluster.infinispan;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jgroups.Message;
import org.jgroups.fork.UnknownForkHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What other nodes send between the moment at which this one is a member and the start of
/// Infinispan. If it were lost, they would wait for answers until their timeout. What is more than
/// the limit is lost.
final class Early implements UnknownForkHandler {

    /// Much more than what comes in the seconds that Infinispan needs. Units: bytes
    static final int LIMIT = 16 << 20;

    /// What a message needs beside its payload. Units: bytes
    static final int OVERHEAD = 256;

    private static final Logger LOG = LoggerFactory.getLogger(Grid.class);

    private final List<Message> messages = new ArrayList<>(); // guarded by this
    private int bytes; // guarded by this
    private boolean isFull; // guarded by this
    private boolean drops; // guarded by this
    private @Nullable Consumer<Message> target; // guarded by this

    @Override
    public @Nullable Object handleUnknownForkStack(Message message, String stack) {
        return handleUnknownForkChannel(message, stack);
    }

    @Override
    public synchronized @Nullable Object handleUnknownForkChannel(Message message, String channel) {
        if (target != null) {
            target.accept(message);
        } else if (!drops) {
            keep(message);
        }
        return null;
    }

    private void keep(Message message) {
        int size = message.getLength() + OVERHEAD;
        if (size <= LIMIT - bytes) {
            bytes += size;
            messages.add(message);
        } else if (!isFull) {
            isFull = true;
            LOG.warn(
                    "messages to the maps are dropped, because more than {} MiB have come before"
                            + " they run; their senders wait until their timeout",
                    LIMIT >> 20);
        }
    }

    /// Passes on what has come and what will come.
    synchronized void passOn(Consumer<Message> receiver) {
        target = receiver;
        messages.forEach(receiver);
        messages.clear();
    }

    /// Drops what has come and what will come.
    synchronized void drop() {
        drops = true;
        target = null;
        messages.clear();
    }
}
