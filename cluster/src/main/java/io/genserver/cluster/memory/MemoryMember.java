package io.genserver.cluster.memory;

import io.genserver.cluster.engine.Member;

/// One engine of a network.
///
/// @param name its name, which a later engine may have too
/// @param number what tells it from all others
record MemoryMember(String name, long number) implements Member {

    @Override
    public String toString() {
        return name + "#" + number;
    }
}
