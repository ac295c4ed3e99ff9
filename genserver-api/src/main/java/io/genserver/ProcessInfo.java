package io.genserver;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a live process looked like at one moment. Source: `Process.info/1`.
///
/// @param pid the process
/// @param registeredName its local name
/// @param label what [Processes#setLabel] gave it
/// @param initialCall what it runs: a server's class, or `spawn`
/// @param status what it is doing
/// @param messageQueueLength how many messages it has not handled yet
/// @param messages those messages, oldest first; of a call or a cast the request; the framework's
///   own, such as a request of [Sys], are counted and not shown
/// @param links the processes it is linked with
/// @param monitors what it monitors
/// @param monitoredBy who monitors it, once for each monitor
/// @param trapExits whether exit signals reach it as messages
/// @param ancestors who started it, who started that one, and so on, each by its name if it had one
/// @param dictionary its process dictionary, see [Processes#put]
/// @param currentStacktrace what its thread is executing, innermost first; empty if it has no
///   thread
public record ProcessInfo(
        Pid pid,
        Optional<String> registeredName,
        Optional<Object> label,
        String initialCall,
        Status status,
        int messageQueueLength,
        List<Object> messages,
        List<Pid> links,
        List<ServerRef> monitors,
        List<Pid> monitoredBy,
        boolean trapExits,
        List<ServerRef> ancestors,
        Map<Object, Object> dictionary,
        List<StackTraceElement> currentStacktrace) {

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
