package io.genserver.stress;

import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Checks that a key of the keyed supervisor never has two servers.
final class Keys {

    static final int MANY = 24;

    /// @param links the supervisor that has started it
    private record Holder(Pid server, List<Pid> links) {}

    private final Findings findings;
    private final AtomicReferenceArray<@Nullable Holder> holders = new AtomicReferenceArray<>(MANY);

    Keys(Findings findings) {
        this.findings = findings;
    }

    /// Called by the server of a key when it begins.
    void begins(int key) {
        // A server of a supervisor that the full heap has ended may begin or go on after the next
        // supervisor has the name. So the name does not tell whose server it is, but the link does.
        Pid self = Processes.self();
        Holder now =
                new Holder(self, Processes.info(self).map(ProcessInfo::links).orElse(List.of()));
        Holder before = holders.getAndSet(key, now);
        if (before != null
                && !now.links().isEmpty()
                && before.links().equals(now.links())
                && !before.server().equals(now.server())
                && Processes.isAlive(before.server())
                && Processes.isAlive(now.server())) { // it may have been killed
            findings.wrong("key " + key + " has two servers: " + before + ", " + now);
        }
    }
}
