package io.genserver;

/// The atom `ok`: the argument of a server that needs none, the reply of a call that has nothing to
/// say.
public enum Ok {
    /// The only value.
    OK;

    @Override
    public String toString() {
        return "ok";
    }
}
