package io.genserver.supervisor;

import io.genserver.Attachment;
import io.genserver.CallException;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Processes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A program that is an application.
final class ApplicationRun {

    private static final Logger log = LoggerFactory.getLogger(Application.class);
    private static final int GAVE_UP = 1;

    private final List<Application> started;
    private final Duration stopLimit;

    /// Whether the JVM is ending. Written by the shutdown hook, read by the main thread.
    private volatile boolean stopping;

    private ApplicationRun(List<Application> started, Duration stopLimit) {
        this.started = started;
        this.stopLimit = stopLimit;
    }

    static int run(
            Application application,
            Configuration configuration,
            Callable<Integer> body,
            Duration stopLimit) {
        List<Application> started;
        try {
            started = Applications.ensureAllStarted(application, configuration);
        } catch (ApplicationStartException failed) {
            say(String.valueOf(failed.getMessage()));
            return GAVE_UP;
        }
        ApplicationRun run = new ApplicationRun(started, stopLimit);
        Thread hook = new Thread(run::stopAll, application.name() + "-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        return run.perform(application, body);
    }

    private int perform(Application application, Callable<Integer> body) {
        try (Attachment _ = Processes.attach()) {
            for (Application each : started) {
                // If one gives up, the next step of the body says why.
                Processes.link(
                        GenServer.whereis(ApplicationMaster.reference(each))
                                .orElseThrow(() -> new ExitException(ExitReason.NOPROC)));
            }
            int status = body.call();
            if (!stopping) {
                started.forEach(ApplicationRun::checkRuns);
            }
            return status;
        } catch (ExitException ended) {
            if (!stopping) {
                say(application.name() + " gave up: the supervision tree ended: " + ended.reason());
            }
            return GAVE_UP;
        } catch (Exception failed) {
            log.error("{} failed", application.name(), failed);
            say(application.name() + " failed: " + failed);
            return GAVE_UP;
        }
    }

    /// Looks whether a tree has ended that the body has not heard of: a body that is done sooner
    /// must not pass for success.
    ///
    /// @throws ExitException if it has
    private static void checkRuns(Application application) {
        try {
            GenServer.call(
                    ApplicationMaster.reference(application),
                    new ApplicationMaster.StillRuns(),
                    GenServer.INFINITY);
        } catch (CallException failed) {
            ExitReason reason = failed.serverReason();
            if (!reason.equals(ExitReason.NOPROC)) { // it ended normally, of which no link tells
                throw new ExitException(reason);
            }
        }
    }

    /// Stops what was started, in reverse, all of it within the limit.
    private void stopAll() {
        stopping = true;
        long start = Processes.monotonicTime();
        for (Application application : started.reversed()) {
            try {
                Applications.stop(application, TimeLimit.left(stopLimit, start));
            } catch (CallException failed) {
                say(application.name() + " did not stop in order: " + failed.getMessage());
            }
        }
    }

    @SuppressWarnings("SystemOut") // for whoever started the program, whatever the log does
    private static void say(String what) {
        System.err.println(what);
    }
}
