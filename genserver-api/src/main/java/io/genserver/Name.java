package io.genserver;

/// A local name, as the atom in `Agent.start_link(..., name: :shopping)`.
///
/// Unlike atoms, names are garbage collected: a name is held only while a process is registered
/// under it. Source: `Process.register/2`.
///
/// @param name the name, not blank
public record Name(String name) implements ServerRef {

    /// Checks the name.
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
