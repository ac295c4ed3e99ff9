package io.genserver.micrometer;

import io.genserver.Pid;
import io.genserver.spi.ClassNames;
import io.genserver.spi.ProcessRuntime;

/// The values of the tag `server`. Those of servers are names of classes, of which a program has
/// only so many. Other processes have names that the program gives them, which may be a new one for
/// each process. So those are limited apart, and take no place from a class.
final class ServerNames {

    /// How many names of processes that are no servers there are at most.
    static final int OTHER_PROCESSES = 10;

    private final TagValues servers;
    private final TagValues others = new TagValues(OTHER_PROCESSES);

    ServerNames(int max) {
        this.servers = new TagValues(max);
    }

    /// Returns the value for a process of any kind that is alive, or has just ended.
    String of(Pid pid, String initialCall) {
        return ProcessRuntime.get().isServer(pid) ? ofServer(initialCall) : ofAny(initialCall);
    }

    String ofServer(String server) {
        return servers.limited(ClassNames.stable(server));
    }

    /// Returns the value for a process that may be no server. A class counts as one if a server of
    /// it has been seen.
    String ofAny(String initialCall) {
        String name = ClassNames.stable(initialCall);
        return servers.has(name) ? name : others.limited(name);
    }
}
