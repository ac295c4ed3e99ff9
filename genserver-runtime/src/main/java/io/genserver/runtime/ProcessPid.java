package io.genserver.runtime;

import io.genserver.spi.ProcessId;
import org.jspecify.annotations.Nullable;

/// A pid of the runtime: of a process of this JVM, or of a process on another node that a
/// [RemoteProcess] stands for.
abstract sealed class ProcessPid extends ProcessId permits LocalPid, RemotePid {

    ProcessPid(long number) {
        super(number);
    }

    /// Returns the process, or null if it is dead or cannot be reached. May still return a process
    /// that is dying.
    abstract @Nullable LocalProcess process();

    /// Forgets the process, because it is dead. The dying thread.
    abstract void forgetProcess();
}
