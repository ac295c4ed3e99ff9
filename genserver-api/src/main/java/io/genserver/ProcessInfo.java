package io.genserver;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a live process looked like at one moment. Source: `Process.info/1`.
///
/// @param pid the process
/// @param registeredName its local name
/// @param label the label set by [Processes#setLabel]
/// @param initialCall the code it runs: the class of a server, the name given to [ProcLib], the
///   thread of an [Attachment], or `spawn`
/// @param status what it is doing
/// @param messageQueueLength the number of messages in its mailbox
/// @param messages those messages, oldest first; a call or a cast is shown as its request; messages
///   of the runtime itself, such as a [Sys] request, are counted but not shown
/// @param links the processes it is linked with
/// @param monitors what it monitors
/// @param monitoredBy the processes that monitor it, once for each monitor; `#PID<0.0.0>` stands
///   for a future of [Processes#exitOf]
/// @param trapExits whether exit signals arrive as messages
/// @param ancestors the process that started it, the one that started that, and so on, each by its
///   name if it had one
/// @param dictionary its process dictionary, see [Processes#put]
/// @param currentStacktrace the stack of its thread, innermost frame first; empty if it has no
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

    /// What a process is doing.
    public enum Status {
        /// It runs.
        RUNNING,
        /// It is a server in a run queue: it has something to do and waits for a thread. How many
        /// there are is the length of the run queues, Erlang's `statistics(run_queue)`.
        RUNNABLE,
        /// It waits for a message.
        WAITING,
        /// It waits for a message, and its last callback has asked for hibernation, or it has been
        /// idle for as long as [StartOption#hibernateAfter] says.
        HIBERNATING
    }
}
