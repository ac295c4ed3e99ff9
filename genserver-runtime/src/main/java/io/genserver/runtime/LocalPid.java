package io.genserver.runtime;

import io.genserver.spi.ProcessId;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The pid of a process of this node. It lets go of the process when that dies, so a pid kept for
/// ever costs its own few bytes and no more.
final class LocalPid extends ProcessId {

    private static final AtomicLong LAST = new AtomicLong();

    /// Written once to the process before the pid is shared and once to null by the thread that
    /// ends the process; read by any thread.
    private volatile @Nullable LocalProcess process;

    LocalPid(LocalProcess process) {
        super(LAST.incrementAndGet());
        this.process = process;
    }

    private LocalPid() {
        super(0);
    }

    /// A pid that no process ever has: `#PID<0.0.0>`.
    static LocalPid ofNobody() {
        return new LocalPid();
    }

    /// The process, or null once it is dead.
    @Nullable LocalProcess process() {
        return process;
    }

    void forgetProcess() {
        process = null;
    }

    @Override
    public String node() {
        return "nonode@nohost";
    }

    @Override
    public long incarnation() {
        return 0;
    }
}
