package io.genserver.runtime;

import io.genserver.ServerRef;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The process that started a process, and the ancestry of that starter. All children of a process
/// share one object.
///
/// @param parent the starter, by its name if it had one
/// @param rest the starter's ancestry, or null
record Ancestry(ServerRef parent, @Nullable Ancestry rest) {

    /// Returns an ancestry as a list, the nearest first.
    static List<ServerRef> list(@Nullable Ancestry ancestry) {
        List<ServerRef> list = new ArrayList<>();
        for (Ancestry next = ancestry; next != null; next = next.rest) {
            list.add(next.parent);
        }
        return list;
    }
}
