package io.genserver.runtime;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Runs code of the users', such as listeners and log appenders, which may block for any time. A
/// timer thread must not wait for it, because every deadline of its node depends on that thread.
/// The same holds for a thread that handles what another node says.
///
/// So what such a thread reports runs on a thread of its own, one report after another. The thread
/// is started by the first report and ends when there have been none for a while. It is a platform
/// thread, because a report that all carrier threads are busy cannot wait for one of them.
///
/// If the code never ends, the reports that follow stay in memory. Nothing else waits for them.
final class Reports {

    private static final long IDLE = 1; // units: s

    private final ThreadPoolExecutor executor;

    Reports(String threadName) {
        executor =
                new ThreadPoolExecutor(
                        1,
                        1,
                        IDLE,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        Threads.daemons(threadName));
        executor.allowCoreThreadTimeOut(true);
    }

    /// Waits until the reports so far have run. An interrupt ends the wait and stays set.
    ///
    /// @param limit how long to wait at most; units: ns
    void await(long limit) {
        if (executor.getPoolSize() == 0) {
            return; // there is a thread while there are reports
        }
        try {
            executor.submit(() -> {}).get(limit, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            Thread.onSpinWait(); // the caller does not wait any longer
        } catch (ExecutionException e) {
            throw new AssertionError(e); // it does nothing
        }
    }

    /// Runs a report: at once, or later on the other thread if others wait for this one.
    ///
    /// @throws OutOfMemoryError if there is no memory for the other thread; the report is lost
    void run(Runnable report) {
        if (Threads.isUndisturbed()) {
            executor.execute(report);
        } else {
            report.run();
        }
    }
}
