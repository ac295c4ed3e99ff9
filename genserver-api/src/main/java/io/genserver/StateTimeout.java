package io.genserver;

/// The message that [GenServer#handleInfo] gets if no other message arrives within the
/// [Action#timeout(Duration)] that the last callback returned, or within the
/// [StartOption#idleTimeout] of the server. Source: the message `:timeout`.
public enum StateTimeout {
    /// The only value.
    TIMEOUT;

    @Override
    public String toString() {
        return "timeout";
    }
}
