package io.genserver.runtime;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.ServerRef;
import io.genserver.spi.Reference;
import org.jspecify.annotations.Nullable;

/// One monitor, which is its own reference. In force while its watcher's relations hold it. Knows
/// both processes by pid only, for a reference may be kept long after they are dead.
final class Monitor extends Reference {

    final LocalPid watcher;
    final @Nullable LocalPid target; // null: there was none
    final ServerRef object;

    Monitor(LocalPid watcher, @Nullable LocalPid target, ServerRef object) {
        this.watcher = watcher;
        this.target = target;
        this.object = object;
    }

    Down down(ExitReason reason) {
        return new Down(this, object, reason);
    }
}
