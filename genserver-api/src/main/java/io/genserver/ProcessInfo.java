package io.genserver;

import java.util.List;
import java.util.Optional;

/// What a live process looked like at one moment. Source: `Process.info/1`.
///
/// @param pid the process
/// @param registeredName its local name
/// @param initialCall what it runs: a server's class, or `spawn`
/// @param status what it is doing
/// @param messageQueueLength how many messages it has not handled yet
/// @param links the processes it is linked with
/// @param monitors what it monitors
/// @param monitoredBy who monitors it, once for each monitor
/// @param trapExits whether exit signals reach it as messages
public record ProcessInfo(
        Pid pid,
        Optional<String> registeredName,
        String initialCall,
        Status status,
        int messageQueueLength,
        List<Pid> links,
        List<ServerRef> monitors,
        List<Pid> monitoredBy,
        boolean trapExits) {

    /// What a process can be doing.
    public enum Status {
        /// It runs, or is ready to.
        RUNNING,
        /// It waits for a message.
        WAITING,
        /// It waits for a message and holds no thread.
        HIBERNATING
    }
}
