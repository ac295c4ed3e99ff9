package io.genserver.test;

import io.genserver.CrashReport;
import io.genserver.GenServer;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ProcessRef;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A crash that a test has declared. It covers every crash report that fits.
final class ExpectedCrash {

    private final @Nullable ProcessRef process;
    private final Optional<Pid> pid;
    private final Class<? extends Throwable> exception;
    private volatile boolean happened; // written and read by the threads of tests

    /// @param process whose crash is expected; null for any process
    /// @param exception what it throws; `Throwable` also stands for a reason without a throwable
    ExpectedCrash(@Nullable ProcessRef process, Class<? extends Throwable> exception) {
        this.process = process;
        this.pid = process == null ? Optional.empty() : GenServer.whereis(process);
        this.exception = exception;
    }

    boolean covers(CrashReport report) {
        boolean covers = isOf(report) && isBy(report);
        if (covers) {
            happened = true;
        }
        return covers;
    }

    private boolean isOf(CrashReport report) {
        return process == null
                || pid.equals(Optional.of(report.pid()))
                || (process.untyped() instanceof Name(String name)
                        && report.registeredName().equals(Optional.of(name)));
    }

    private boolean isBy(CrashReport report) {
        return exception == Throwable.class
                || report.exception().map(exception::isInstance).orElse(false);
    }

    /// Checks that the crash has happened.
    ///
    /// @throws AssertionError if it has not
    void check() {
        if (!happened) {
            throw new AssertionError(
                    "expected a crash of "
                            + (process == null ? "any process" : process)
                            + (exception == Throwable.class ? "" : " with " + exception.getName())
                            + ", got: no such crash");
        }
    }
}
