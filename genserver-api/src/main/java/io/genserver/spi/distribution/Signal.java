package io.genserver.spi.distribution;

import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Ref;
import io.genserver.ServerRef;
import io.genserver.spi.SystemRequest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one node tells another. Signals between two nodes arrive in the order in which they were
/// sent, at most once, and none of them after the connection was lost.
///
/// A receiver `to` is a [Pid] of the node that gets the signal, or a [io.genserver.Name] on it. All
/// other pids may be of any node.
///
/// Each request has a number that its sender chose. The node that gets it answers with [Reply] or
/// [Failed], once.
public sealed interface Signal {

    /// What waits for an answer.
    sealed interface Request extends Signal {
        /// Returns the number by which the answer finds the request.
        ///
        /// @return the number
        long id();

        /// Returns the server.
        ///
        /// @return its pid or name
        ServerRef to();

        /// Returns the process that asks.
        ///
        /// @return the process; null for a thread that is no process
        @Nullable Pid from();
    }

    /// A message.
    ///
    /// @param to the receiver
    /// @param message the message
    /// @param logContext the sender's log context; null for an empty one
    record Send(ServerRef to, Object message, @Nullable Map<String, String> logContext)
            implements Signal {}

    /// A message through an alias.
    ///
    /// @param to the alias
    /// @param message the message
    record SendToAlias(Ref to, Object message) implements Signal {}

    /// A cast.
    ///
    /// @param to the server
    /// @param from the process that sends it; null for a thread that is no process
    /// @param request the request
    /// @param logContext the sender's log context; null for an empty one
    record Cast(
            ServerRef to,
            @Nullable Pid from,
            Object request,
            @Nullable Map<String, String> logContext)
            implements Signal {}

    /// A call.
    ///
    /// @param id see [Request#id]
    /// @param to see [Request#to]
    /// @param from see [Request#from]
    /// @param request the request
    /// @param logContext the caller's log context; null for an empty one
    record Call(
            long id,
            ServerRef to,
            @Nullable Pid from,
            Object request,
            @Nullable Map<String, String> logContext)
            implements Request {}

    /// A request to stop. It is answered when the server has ended.
    ///
    /// @param id see [Request#id]
    /// @param to see [Request#to]
    /// @param from see [Request#from]
    /// @param reason the reason
    record Stop(long id, ServerRef to, @Nullable Pid from, ExitReason reason) implements Request {}

    /// A request of [io.genserver.Sys].
    ///
    /// @param id see [Request#id]
    /// @param to see [Request#to]
    /// @param from see [Request#from]
    /// @param request the request
    record SystemCall(long id, ServerRef to, @Nullable Pid from, SystemRequest request)
            implements Request {}

    /// Asks for the pid of a name. The answer is a [Reply] with the pid or null.
    ///
    /// @param id a number that the sender chose
    /// @param name the name on the node that gets this
    record Whereis(long id, String name) implements Signal {}

    /// Asks for the [io.genserver.ProcessInfo] of a process. The answer is a [Reply] with it, or
    /// null if there is no such process.
    ///
    /// @param id a number that the sender chose
    /// @param process a process of the node that gets this
    record ProcessInfoOf(long id, Pid process) implements Signal {}

    /// The answer to a request.
    ///
    /// @param id the number of the request
    /// @param reply the reply
    record Reply(long id, @Nullable Object reply) implements Signal {}

    /// There will be no reply to a request.
    ///
    /// @param id the number of the request
    /// @param reason why
    /// @param unhandled whether no server has begun to handle the request
    record Failed(long id, ExitReason reason, boolean unhandled) implements Signal {}

    /// The sender of a request does not wait for its answer any longer.
    ///
    /// @param id the number of the request
    record Abandon(long id) implements Signal {}

    /// Asks to be told when a process ends. The answer is [Ended], once.
    ///
    /// @param process a process of the node that gets this
    record Watch(Pid process) implements Signal {}

    /// A process that the receiving node watches, or to which it asked to link one of its own, has
    /// ended or does not exist.
    ///
    /// @param process a process of the node that sends this
    /// @param reason its exit reason; [ExitReason#NOPROC] if there is no such process
    record Ended(Pid process, ExitReason reason) implements Signal {}

    /// Asks to be told when the process ends that has a name now. The answer is [NamedEnded], once,
    /// unless [UnwatchName] comes before.
    ///
    /// @param id a number that the sender chose
    /// @param name the name on the node that gets this
    record WatchName(long id, String name) implements Signal {}

    /// Takes a [WatchName] back.
    ///
    /// @param id the number of the [WatchName]
    record UnwatchName(long id) implements Signal {}

    /// The process that had a name has ended, or no process had it.
    ///
    /// @param id the number of the [WatchName]
    /// @param reason its exit reason; [ExitReason#NOPROC] if there was no such process
    record NamedEnded(long id, ExitReason reason) implements Signal {}

    /// Links two processes. The sender watches `from` for the receiver from now on, as if the
    /// receiver had sent a [Watch]. If there is no process `to`, the answer is [Ended].
    ///
    /// @param from a process of the node that sends this
    /// @param to a process of the node that gets this
    record Link(Pid from, Pid to) implements Signal {}

    /// Removes the link of two processes. The answer is [UnlinkAck]. Until it arrives, the sender
    /// ignores each [Link] of the same two processes, because it was sent before the other node
    /// knew of the unlink.
    ///
    /// @param id a number that the sender chose
    /// @param from a process of the node that sends this
    /// @param to a process of the node that gets this
    record Unlink(long id, Pid from, Pid to) implements Signal {}

    /// A link was removed because of an [Unlink].
    ///
    /// @param id the number of the [Unlink]
    /// @param from a process of the node that sends this
    /// @param to a process of the node that gets this
    record UnlinkAck(long id, Pid from, Pid to) implements Signal {}

    /// An exit signal of [io.genserver.Processes#exit].
    ///
    /// @param from who sends it
    /// @param to its receiver
    /// @param reason the reason
    record Exit(Pid from, Pid to, ExitReason reason) implements Signal {}
}
