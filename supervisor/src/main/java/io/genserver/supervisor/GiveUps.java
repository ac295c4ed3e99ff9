package io.genserver.supervisor;

import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.spi.PerNode;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/// Tells the process that started a supervisor why the supervisor gave up. The exit reason does not
/// say it: it is `shutdown`, as in OTP, and so is that of a supervisor that was stopped.
///
/// The supervisor writes before it exits. So its starter finds what it wrote when it handles the
/// exit signal.
final class GiveUps {

    /// What the supervisors of a starter have written. Written by the supervisors, read by the
    /// starter.
    private static final class Written {
        final ConcurrentMap<Pid, ReachedMaxRestartIntensity> bySupervisor =
                new ConcurrentHashMap<>();
    }

    /// The starters that want to know, by their names. Any process.
    private static final PerNode<ConcurrentMap<ServerRef, Written>> STARTERS = new PerNode<>();

    private GiveUps() {}

    private static ConcurrentMap<ServerRef, Written> starters() {
        return STARTERS.getOrSet(ConcurrentHashMap::new);
    }

    /// Makes the supervisors that a process starts from now on write why they give up.
    ///
    /// @param starter the name of the process
    static void expect(ServerRef starter) {
        starters().put(starter, new Written());
    }

    /// Ends [#expect].
    static void forget(ServerRef starter) {
        starters().remove(starter);
    }

    /// Returns why a supervisor gave up.
    ///
    /// @return null if it did not give up
    static @Nullable ReachedMaxRestartIntensity of(ServerRef starter, Pid supervisor) {
        Written written = starters().get(starter);
        return written == null ? null : written.bySupervisor.get(supervisor);
    }

    /// Writes why the current supervisor gives up, if its starter wants to know.
    static void write(ReachedMaxRestartIntensity why) {
        List<ServerRef> ancestors = Processes.ancestors();
        Written written = ancestors.isEmpty() ? null : starters().get(ancestors.getFirst());
        if (written != null) {
            written.bySupervisor.put(Processes.self(), why);
        }
    }
}
