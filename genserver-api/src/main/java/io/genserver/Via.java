package io.genserver;

/// A name kept in a registry other than the runtime's own table. Source: `{:via, module, term}`.
///
/// @param registry the registry to ask
/// @param key the key to ask it for
public record Via(ViaRegistry registry, Object key) implements ServerRef {

    @Override
    public String toString() {
        return "{via, " + registry + ", " + key + "}";
    }
}
