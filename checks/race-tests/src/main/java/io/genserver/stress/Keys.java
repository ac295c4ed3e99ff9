package io.genserver.stress;

import io.genserver.Pid;
import io.genserver.Processes;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Checks that a key of the keyed supervisor never has two servers.
final class Keys {

    static final int MANY = 24;

    private record Holder(Pid server, Optional<Pid> supervisor) {}

    private final Findings findings;
    private final AtomicReferenceArray<@Nullable Holder> holders = new AtomicReferenceArray<>(MANY);

    Keys(Findings findings) {
        this.findings = findings;
    }

    /// Called by the server of a key when it begins.
    void begins(int key) {
        // Servers of a supervisor that the full heap has ended may still be ending.
        Holder now = new Holder(Processes.self(), Processes.whereis(Tree.KEYED));
        Holder before = holders.getAndSet(key, now);
        if (before != null
                && before.supervisor().equals(now.supervisor())
                && !before.server().equals(now.server())
                && Processes.isAlive(before.server())
                && Processes.isAlive(now.server())) { // it may have been killed
            findings.wrong("key " + key + " has two servers: " + before + ", " + now);
        }
    }
}
