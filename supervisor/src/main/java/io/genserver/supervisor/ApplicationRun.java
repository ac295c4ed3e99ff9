package io.genserver.supervisor;

import io.genserver.Attachment;
import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A program that is an application.
final class ApplicationRun implements ApplicationMaster.Program {

    private static final Logger log = LoggerFactory.getLogger(Application.class);
    private static final int CLEAN = 0;
    private static final int FAILED = 1;

    private final String name;
    private final Duration stopLimit;

    /// The names of the applications that have been started, and of the one that is being started.
    /// Written by the program's thread, read by the shutdown hook.
    private final List<String> started = new CopyOnWriteArrayList<>();

    /// What ended the program. Written by the first master whose tree ends by itself, read by the
    /// program's thread.
    private final AtomicReference<@Nullable String> treeEnded = new AtomicReference<>();

    /// The process that the body runs in. Written by the program's thread, read by the shutdown
    /// hook.
    private volatile @Nullable Pid process;

    /// Whether the JVM is ending. Written by the shutdown hook, read by the program's thread.
    private volatile boolean stopping;

    private ApplicationRun(String name, Duration stopLimit) {
        this.name = name;
        this.stopLimit = stopLimit;
    }

    /// How the body ended.
    ///
    /// @param status what it returned
    /// @param thrown what it threw instead, or null
    /// @param killedBy why its process had ended before, or null
    private record Outcome(int status, @Nullable Throwable thrown, @Nullable ExitReason killedBy) {}

    static int run(
            Application application,
            Configuration configuration,
            Callable<Integer> body,
            Duration stopLimit) {
        Arguments.notNull(configuration, "configuration");
        Arguments.notNull(body, "body");
        Arguments.time(stopLimit, "stopLimit");
        String name = Applications.name(application);
        ApplicationRun run = new ApplicationRun(name, stopLimit);
        Runtime.getRuntime().addShutdownHook(new Thread(run::stopAll, name + "-stop"));
        return run.status(run.perform(application, configuration, body));
    }

    @Override
    public void treeEnded(String application, ExitReason reason) {
        String whose = application.equals(name) ? "" : " of " + application;
        treeEnded.compareAndSet(null, "the supervision tree" + whose + " ended: " + reason);
    }

    private Outcome perform(
            Application application, Configuration configuration, Callable<Integer> body) {
        try {
            for (Application next : Applications.inOrder(application)) {
                start(next, configuration);
            }
            try (Attachment attached = Processes.attach()) {
                process = attached.pid();
                started.forEach(
                        each -> tellMaster(each, new ApplicationMaster.Link(attached.pid())));
                // A tree that ended before the link was there ends no body.
                return treeEnded.get() == null ? perform(body) : new Outcome(FAILED, null, null);
            }
        } catch (Throwable failed) { // status() says what it means
            return new Outcome(FAILED, failed, null);
        }
    }

    /// Starts an application, unless the JVM is ending. The name is there before the flag is read,
    /// and the shutdown hook writes the flag before it reads the names: so one of the two sees it.
    private void start(Application next, Configuration configuration) {
        String nextName = Applications.name(next);
        started.add(nextName);
        if (!stopping && !Applications.startNext(next, configuration, this)) {
            started.remove(nextName); // it runs already and is not this program's
        }
    }

    private Outcome perform(Callable<Integer> body) {
        try {
            int status = Arguments.notNull(body.call(), "the exit status");
            awaitEndOfTrees();
            return new Outcome(status, null, null);
        } catch (Throwable thrown) { // status() says what it means
            ExitReason killedBy = killedBy();
            awaitEndOfTrees();
            return new Outcome(FAILED, thrown, killedBy);
        }
    }

    /// A tree may have ended whose end its master has not heard of. A body that is done sooner must
    /// not pass for success.
    private void awaitEndOfTrees() {
        if (!isJvmEnding()) {
            started.forEach(each -> tellMaster(each, new ApplicationMaster.StillRuns()));
        }
    }

    /// Why the program's process has ended, if it has.
    private static @Nullable ExitReason killedBy() {
        try {
            Processes.sleep(Duration.ZERO); // lets a signal take effect that is on its way
            return null;
        } catch (ExitException dead) {
            return dead.reason();
        }
    }

    /// Says how the program ended, and returns its exit status. Runs when its process has ended.
    private int status(Outcome outcome) {
        if (isJvmEnding()) { // with a status of its own
            log.debug("{} was stopped in its body", name, outcome.thrown());
            return outcome.status();
        }
        String ended = treeEnded.get();
        if (ended != null) {
            log.debug("{} gave up in its body", name, outcome.thrown());
            return say(name + " gave up: " + ended);
        }
        return outcome.thrown() == null
                ? outcome.status()
                : failed(outcome.thrown(), outcome.killedBy());
    }

    private int failed(Throwable thrown, @Nullable ExitReason killedBy) {
        if (thrown instanceof ApplicationStartException failed) {
            log.debug("{} did not start", name, failed);
            stop(GenServer.INFINITY);
            return say(String.valueOf(failed.getMessage()));
        }
        if (killedBy != null) {
            return exited("an exit signal ended its body", killedBy);
        }
        if (thrown.getClass().equals(ExitException.class)) {
            return exited("its body exited", ((ExitException) thrown).reason());
        }
        log.error("{} failed", name, thrown);
        return say(
                name
                        + " failed: "
                        + (thrown instanceof ExitException ? thrown.getMessage() : thrown));
    }

    private int exited(String how, ExitReason reason) {
        return reason.isOrderly() ? CLEAN : say(name + " failed: " + how + ": " + reason);
    }

    /// Makes a request to a master and waits until that has heard of all that came before.
    private static void tellMaster(String application, Call<Ok> request) {
        try {
            GenServer.call(ApplicationMaster.reference(application), request, GenServer.INFINITY);
        } catch (ExitException ended) { // treeEnded says whether the tree ended by itself
            log.debug("{} does not run, or ends this process with it", application, ended);
        }
    }

    /// Whether the JVM is ending. Other shutdown hooks may end the body before this program's hook
    /// has run, so the JVM itself is asked.
    private boolean isJvmEnding() {
        if (stopping) {
            return true;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(new Thread()); // which is none
            return false;
        } catch (IllegalStateException ending) {
            return true;
        }
    }

    private void stopAll() {
        stopping = true;
        Pid body = process;
        if (body != null) {
            Processes.exit(body, ExitReason.SHUTDOWN);
        }
        stop(stopLimit);
    }

    /// Stops what was started, in reverse, all of it within the limit.
    private void stop(Duration limit) {
        long start = Processes.monotonicTime();
        for (String application : started.reversed()) {
            try {
                Applications.stop(application, TimeLimit.left(limit, start));
            } catch (CallException failed) {
                say(application + " did not stop in order: " + failed.getMessage());
            }
        }
    }

    @SuppressWarnings("SystemOut") // for whoever started the program, whatever the log does
    private static int say(String what) {
        System.err.println(what);
        return FAILED;
    }
}
