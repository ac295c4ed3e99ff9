package io.genserver;

/// The atom `ok`: the argument of a server that needs none, and the reply to a call that needs no
/// result.
public enum Ok {
    /// The only value.
    OK;

    @Override
    public String toString() {
        return "ok";
    }
}
