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

/// One run of an application as a program.
final class ApplicationRun implements ApplicationMaster.Program {

    private static final Logger log = LoggerFactory.getLogger(Application.class);
    private static final int CLEAN = 0;
    private static final int FAILED = 1;

    private final String name;
    private final Duration stopLimit;

    /// The applications that have been started, and the one that is being started. Written by the
    /// program's thread, read by the shutdown hook.
    private final List<Application> started = new CopyOnWriteArrayList<>();

    /// What ended the program. Written once, by the first master whose tree ends by itself. Read by
    /// the program's thread.
    private final AtomicReference<@Nullable String> treeEnded = new AtomicReference<>();

    /// The process that runs the body. Written by the program's thread, read by the shutdown hook.
    private volatile @Nullable Pid process;

    /// Whether the JVM is ending. Written by the shutdown hook, read by the program's thread.
    private volatile boolean stopping;

    private ApplicationRun(String name, Duration stopLimit) {
        this.name = name;
        this.stopLimit = stopLimit;
    }

    /// How the body ended.
    ///
    /// @param status what the body returned
    /// @param thrown what the body threw instead, or null
    /// @param killedBy the reason of an exit signal that ended the process of the body, or null
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
                // The exit signal of a tree that ended before the link existed never comes.
                return treeEnded.get() == null ? perform(body) : new Outcome(FAILED, null, null);
            }
        } catch (Throwable failed) { // status() handles it
            return new Outcome(FAILED, failed, null);
        }
    }

    /// Starts an application unless the JVM is ending. This thread adds it before it reads the
    /// flag, and the shutdown hook writes the flag before it reads the applications. So at least
    /// one of them sees what the other wrote.
    private void start(Application next, Configuration configuration) {
        started.add(next);
        boolean ours = stopping;
        try {
            ours = ours || Applications.startNext(next, configuration, this);
        } finally {
            if (!ours) {
                started.removeLast(); // what runs was started by others, who will stop it
            }
        }
    }

    private Outcome perform(Callable<Integer> body) {
        try {
            int status = Arguments.notNull(body.call(), "the exit status");
            awaitEndOfTrees();
            return new Outcome(status, null, null);
        } catch (Throwable thrown) { // status() handles it
            ExitReason killedBy = killedBy();
            awaitEndOfTrees();
            return new Outcome(FAILED, thrown, killedBy);
        }
    }

    /// Waits until the masters have handled the end of trees that have already ended. Without this,
    /// a body that returns at the same time would report success.
    private void awaitEndOfTrees() {
        if (!isJvmEnding()) {
            started.forEach(each -> tellMaster(each, new ApplicationMaster.StillRuns()));
        }
    }

    /// Returns the exit reason of the program's process if it has ended, otherwise null.
    private static @Nullable ExitReason killedBy() {
        try {
            Processes.sleep(Duration.ZERO); // throws if an exit signal has ended this process
            return null;
        } catch (ExitException dead) {
            return dead.reason();
        }
    }

    /// Prints how the program ended and returns its exit status. Runs after the program's process
    /// has ended.
    private int status(Outcome outcome) {
        if (isJvmEnding()) { // the JVM has an exit status of its own
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

    /// Calls a master and waits until it has handled all earlier messages.
    private static void tellMaster(Application started, Call<Ok> request) {
        String application = Applications.name(started);
        try {
            GenServer.call(ApplicationMaster.reference(application), request, GenServer.INFINITY);
        } catch (ExitException ended) { // treeEnded tells whether the tree ended by itself
            log.debug("{} does not run, or ends this process with it", application, ended);
        }
    }

    /// Tells whether the JVM is ending. Another shutdown hook may end the body before this
    /// program's hook runs. So this method asks the JVM itself.
    private boolean isJvmEnding() {
        if (stopping) {
            return true;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(new Thread()); // removes nothing
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

    /// Stops the started applications in reverse order, all of them within the limit.
    private void stop(Duration limit) {
        long start = Processes.monotonicTime();
        for (Application application : started.reversed()) {
            try {
                Applications.stop(application, TimeLimit.left(limit, start));
            } catch (CallException failed) {
                say(Applications.name(application) + " did not stop: " + failed.getMessage());
            }
        }
    }

    @SuppressWarnings("SystemOut") // the user has to see it, wherever the log goes
    private static int say(String what) {
        System.err.println(what);
        return FAILED;
    }
}
