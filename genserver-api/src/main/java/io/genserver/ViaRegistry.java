package io.genserver;

import java.util.Optional;

/// A registry that can name processes, for [ServerRef#via].
///
/// Any thread may use it, so implementations must be thread-safe. The runtime unregisters a key
/// only if `init` does not succeed, so the registry itself has to notice the end of a registered
/// process.
///
/// If [#whereisName] throws, the outcome depends on what was asked, and on whether it threw an
/// [ExitException] with [ExitReason#NOPROC], which says that the registry itself does not run:
///
/// | use of the reference | the registry does not run | anything else that it throws |
/// |---|---|---|
/// | call, stop, [Sys] request | [CallException] with `noproc` and the message of the exception | [CallException] with what it threw as the server's reason and as the cause |
/// | [GenServer#sendRequest(ServerRef, Call)], multi-call | a failed response with `noproc` | a failed response with what it threw |
/// | cast, timer | dead letter | dead letter, and an error in the log |
/// | [Processes#send(ProcessRef, Object)] | dead letter | the exception |
/// | monitor | `Down` with `noproc` | the exception |
/// | [GenServer#whereis] | empty | the exception |
/// | a start under the reference | fails with what [#registerName] throws | the exception |
///
/// A registry that asks a server of its own needs nothing for that: the [CallException] of a call
/// to a server that does not run counts as `noproc`, too.
///
/// Source: the `:via` contract of `GenServer` name registration.
public interface ViaRegistry {

    /// Registers a process under a key in one step: of two callers that race for a key, one gets
    /// false. When a server starts, this runs in the new process, before `init`.
    ///
    /// @param key the key
    /// @param pid the process to register
    /// @return whether the key was free and now belongs to the process
    boolean registerName(Object key, Pid pid);

    /// Forgets a key. Does nothing if the key is unknown.
    ///
    /// @param key the key
    void unregisterName(Object key);

    /// Finds the process that is registered under a key.
    ///
    /// @param key the key
    /// @return the live process, or empty
    /// @throws ExitException with [ExitReason#NOPROC] if the registry itself does not run
    Optional<Pid> whereisName(Object key);

    /// Finds the process to which something is about to be sent: a call, a cast, a message. A
    /// registry may start it. By default this is [#whereisName].
    ///
    /// The runtime calls [#release] afterwards: when a call is answered or has failed, and when
    /// anything else is in the mailbox of the process.
    ///
    /// @param key the key
    /// @return the process, or empty
    default Optional<Pid> acquire(Object key) {
        return whereisName(key);
    }

    /// Returns whether [#acquire] starts a process for a key that has none. A call through such a
    /// registry is sent again, within its timeout, if its process ends with `normal` or `shutdown`
    /// before it begins to handle the call. By default this is false.
    ///
    /// @return whether a key always has a process
    default boolean startsOnDemand() {
        return false;
    }

    /// Takes note that a process which [#acquire] has found is not needed any longer. By default
    /// this does nothing.
    ///
    /// @param key the key
    /// @param pid the process
    default void release(Object key, Pid pid) {}
}
