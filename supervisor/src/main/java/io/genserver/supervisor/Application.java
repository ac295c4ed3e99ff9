package io.genserver.supervisor;

import io.genserver.Down;
import io.genserver.Processes;
import io.genserver.Start;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/// A part of a program that is started and stopped as a whole: a name, a root supervisor, and what
/// has to run before it.
///
/// ```java
/// final class KvApplication implements Application {
///     @Override public String name() { return "kv"; }
///
///     @Override public Start start(Configuration configuration) {
///         return Supervisor.startLink(List.of(…), SupervisorFlags.of(Strategy.ONE_FOR_ALL));
///     }
///
///     public static void main(String[] arguments) {
///         System.exit(Application.run(new KvApplication(), Configuration.ofTheSystem()));
///     }
/// }
/// ```
///
/// Each application has a process of its own, its master, that starts the root supervisor, hears of
/// its end and stops it; [Applications] starts and stops them. One that ends by itself ends the
/// program only if that is in [#run].
///
/// Source: Elixir's `Application`, Erlang's `application`.
public interface Application {

    /// How long [#run] gives the applications to stop: 10 s.
    Duration STOP_LIMIT = Duration.ofSeconds(10);

    /// The name, different from that of every other application of the program. Two applications of
    /// one name are the same application.
    ///
    /// @return the name, not blank
    String name();

    /// The applications that must have been started before this one.
    ///
    /// @return the applications; by default none
    default List<Application> dependencies() {
        return List.of();
    }

    /// Starts the root supervisor, linked to the calling process, which is the application's
    /// master. Source: `c:start/2`.
    ///
    /// @param configuration the values of the settings
    /// @return how that went
    /// @throws Exception if it cannot be started
    Start start(Configuration configuration) throws Exception;

    /// Runs before the tree is stopped, when the application is stopped on purpose. The default
    /// does nothing. Whatever it throws is logged, and the stop goes on. Source: `c:prep_stop/1`.
    ///
    /// @throws Exception is logged
    default void prepStop() throws Exception {}

    /// Runs when the tree is down, however it ended. The default does nothing. Whatever it throws
    /// is logged. Source: `c:stop/1`.
    ///
    /// @throws Exception is logged
    default void stop() throws Exception {}

    /// Runs an application as a program until the application ends: as [#run(Application,
    /// Configuration, Callable, Duration)] with a body that waits for that end, and 10 s to stop.
    /// Returns 0 if the application is stopped or its tree ends `normal`.
    ///
    /// @param application the application
    /// @param configuration the values of the settings
    /// @return the exit status
    static int run(Application application, Configuration configuration) {
        return run(
                application,
                configuration,
                () -> {
                    Processes.monitor(ApplicationMaster.reference(Applications.name(application)));
                    Processes.receive(Down.class);
                    return 0;
                },
                STOP_LIMIT);
    }

    /// Runs an application as a program: starts it and the applications it depends on, runs the
    /// body on the calling thread, and stops everything in reverse order when the JVM ends, by
    /// `System.exit`, Ctrl-C or SIGTERM.
    ///
    /// The body's thread is a process until the body is done. An exit signal ends that process when
    /// a tree ends by itself, and when the JVM ends; the thread is then interrupted. If an
    /// application is stopped with [Applications#stop], by the body or by anybody else, the body
    /// goes on.
    ///
    /// | what ends the program | exit status | on standard error, for an application `kv` |
    /// |---|---|---|
    /// | the body returns | what it returned | |
    /// | the body exits `normal`, `shutdown` or `{shutdown, …}` | 0 | |
    /// | an application does not start | 1 | `kv did not start: ` and the reason |
    /// | a tree ends by itself, and not `normal` | 1 | `kv gave up: the supervision tree ended: ` and the reason |
    /// | the body throws | 1 | `kv failed: ` and what it threw; the log has the stack |
    /// | the body exits with another reason | 1 | `kv failed: its body exited: ` and the reason |
    /// | an exit signal from elsewhere ends the body | 1 | `kv failed: an exit signal ended its body: ` and the reason |
    /// | Ctrl-C, SIGTERM | the JVM's own, 130 or 143 | |
    ///
    /// A tree that ended by itself comes before everything the body did. An application that does
    /// not stop in time is named on standard error, and the exit status stays.
    ///
    /// @param application the application
    /// @param configuration the values of the settings
    /// @param body what to do besides, on the calling thread
    /// @param stopLimit how long all applications together may take to stop, 0 or more
    /// @return the exit status, to be given to `System.exit`
    /// @throws IllegalArgumentException if the limit is negative, or the application's name is
    ///   blank
    /// @throws IllegalStateException if the JVM is ending
    static int run(
            Application application,
            Configuration configuration,
            Callable<Integer> body,
            Duration stopLimit) {
        return ApplicationRun.run(application, configuration, body, stopLimit);
    }
}
