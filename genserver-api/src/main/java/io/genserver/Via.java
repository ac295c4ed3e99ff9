package io.genserver;

/// A name in a registry of your own. Source: `{:via, module, term}`.
///
/// @param registry the registry
/// @param key the key in that registry
public record Via(ViaRegistry registry, Object key) implements ServerRef {

    @Override
    public String toString() {
        return "{via, " + registry + ", " + key + "}";
    }
}
