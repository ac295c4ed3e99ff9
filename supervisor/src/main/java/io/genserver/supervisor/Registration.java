package io.genserver.supervisor;

import io.genserver.Pid;

/// The result of [ProcessRegistry#register].
public sealed interface Registration {

    /// The calling process is registered.
    ///
    /// @param owner the process of the registry that the calling process is linked to
    record Ok(Pid owner) implements Registration {}

    /// Another process has the key, or the calling process already has it.
    ///
    /// @param pid the live process that has the key
    record AlreadyRegistered(Pid pid) implements Registration {}
}
