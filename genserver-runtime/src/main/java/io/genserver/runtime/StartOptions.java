package io.genserver.runtime;

import io.genserver.DebugOption;
import io.genserver.ServerRef;
import io.genserver.StartOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The options of one start. If an option is given twice, the later one counts; debug options add
/// up.
final class StartOptions {

    private @Nullable ServerRef name;
    private long initTimeout = TimeUnits.FOREVER;
    private long hibernateAfter = TimeUnits.FOREVER;
    private boolean platformThread;
    private boolean nonBlocking;
    private final List<DebugOption> debug = new ArrayList<>(0);

    private StartOptions() {}

    static StartOptions of(StartOption... options) {
        StartOptions result = new StartOptions();
        for (StartOption option : options) {
            result.take(option);
        }
        if (result.nonBlocking && result.platformThread) {
            throw new IllegalArgumentException(
                    "expected either nonBlocking() or platformThread(), got: both; a non-blocking"
                            + " server runs on the threads of its callers");
        }
        return result;
    }

    private void take(StartOption option) {
        switch (option) {
            case StartOption.Named(ServerRef wanted) -> name = wanted;
            case StartOption.InitTimeout(var limit) ->
                    initTimeout = TimeUnits.nanos("initTimeout", limit);
            case StartOption.HibernateAfter(var idle) ->
                    hibernateAfter = TimeUnits.nanos("hibernateAfter", idle);
            case StartOption.PlatformThread() -> platformThread = true;
            case StartOption.NonBlocking() -> nonBlocking = true;
            case StartOption.Debug(List<DebugOption> more) -> debug.addAll(more);
        }
    }

    /// Returns the name to register, or null.
    @Nullable ServerRef name() {
        return name;
    }

    /// Returns how long init may take. Units: ns
    long initTimeout() {
        return initTimeout;
    }

    RunMode mode() {
        return RunMode.of(hibernateAfter, platformThread, nonBlocking);
    }

    /// Returns what watches the server from its start.
    List<DebugOption> debug() {
        return debug;
    }
}
