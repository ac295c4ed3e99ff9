package io.genserver;

/// What [GenServer#handleInfo] gets when no message came within the [Action#timeout] the last
/// callback asked for. Source: the message `:timeout`.
public enum StateTimeout {
    /// The only value.
    TIMEOUT;

    @Override
    public String toString() {
        return "timeout";
    }
}
