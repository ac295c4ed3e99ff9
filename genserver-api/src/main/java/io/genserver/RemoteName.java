package io.genserver;

/// A name that is registered on a certain node of a cluster.
///
/// Source: `{name, node}`.
///
/// @param name the name, not blank
/// @param node the name of the node, not blank
public record RemoteName(String name, String node) implements ServerRef {

    /// Checks that neither is blank.
    ///
    /// @throws IllegalArgumentException if one of them is blank
    public RemoteName {
        if (name.isBlank() || node.isBlank()) {
            throw new IllegalArgumentException(
                    "expected a name and a node of at least one visible character each, got: \""
                            + name
                            + "\" and \""
                            + node
                            + "\"");
        }
    }

    @Override
    public String toString() {
        return "{" + name + ", " + node + "}";
    }
}
