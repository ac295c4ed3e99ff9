package kv.store;

import org.jspecify.annotations.Nullable;

/// The store cannot do what was asked. The message is one line that a user can act on.
public final class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean diskFull;

    private StoreException(String message, boolean diskFull, @Nullable Throwable cause) {
        super(message.lines().findFirst().orElse(""), cause);
        this.diskFull = diskFull;
    }

    StoreException(String message, @Nullable Throwable cause) {
        this(message, false, cause);
    }

    /// Returns the exception itself if it is one of this class, or else one that it is the cause
    /// of.
    static StoreException of(Throwable cause) {
        return cause instanceof StoreException known
                ? known
                : new StoreException("the store failed: " + cause, cause);
    }

    static StoreException diskFull(String message, @Nullable Throwable cause) {
        return new StoreException(message, true, cause);
    }

    /// Returns whether the disk has no room left. The store takes changes again when it has.
    public boolean isDiskFull() {
        return diskFull;
    }
}
