package io.genserver.supervisor;

import io.genserver.Pid;

/// How [ProcessRegistry#register] went.
public sealed interface Registration {

    /// The calling process is registered.
    ///
    /// @param owner the registry's process it is linked with from now on
    record Ok(Pid owner) implements Registration {}

    /// The key is taken, possibly by the calling process itself.
    ///
    /// @param pid the live process that has it
    record AlreadyRegistered(Pid pid) implements Registration {}
}
