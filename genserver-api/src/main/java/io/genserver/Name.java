package io.genserver;

/// A local name, like the atom in `Agent.start_link(..., name: :shopping)`.
///
/// A name takes memory only while a process is registered under it; atoms stay for ever. Source:
/// `Process.register/2`.
///
/// @param name the name, not blank
public record Name(String name) implements ServerRef {

    /// Checks that the name is not blank.
    ///
    /// @throws IllegalArgumentException if the name is blank
    public Name {
        if (name.isBlank()) {
            throw new IllegalArgumentException(
                    "expected a name of at least one visible character, got: \"" + name + "\"");
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
