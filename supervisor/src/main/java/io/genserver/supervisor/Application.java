package io.genserver.supervisor;

import io.genserver.Down;
import io.genserver.Processes;
import io.genserver.Start;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/// A part of a program that is started and stopped as a whole. It has a name, a root supervisor,
/// and other applications that must run before it.
///
/// ```java
/// final class KvApplication implements Application {
///     @Override public String name() { return "kv"; }
///
///     @Override public Start<?> start(Configuration configuration) {
///         return Supervisor.startLink(List.of(…), SupervisorFlags.of(Strategy.ONE_FOR_ALL));
///     }
///
///     public static void main(String[] arguments) {
///         System.exit(Application.run(new KvApplication(), Configuration.ofTheSystem()));
///     }
/// }
/// ```
///
/// Each application has a process of its own, its master. The master starts the root supervisor, is
/// told of its end, and stops it. [Applications] starts and stops applications. An application that
/// ends by itself ends the program only if [#run] runs it.
///
/// Source: Elixir's `Application`, Erlang's `application`.
public interface Application {

    /// How long [#run(Application, Configuration, Callable)] gives the applications to stop: 10 s.
    Duration STOP_LIMIT = Duration.ofSeconds(10);

    /// Returns the name. Each application of a program needs a different name.
    ///
    /// Two objects are the same application if they have the same name and the same class, and, if
    /// the class defines `equals`, are equal. So an application with parameters should be a record:
    /// [Applications] then refuses one with other parameters instead of taking it for the one that
    /// runs.
    ///
    /// @return the name, not blank
    String name();

    /// Returns the applications that must be started before this one.
    ///
    /// @return the applications; by default none
    default List<Application> dependencies() {
        return List.of();
    }

    /// Starts the root supervisor and links it to the calling process. Runs in the application's
    /// master.
    ///
    /// Source: `c:start/2`.
    ///
    /// @param configuration the values of the settings
    /// @return how the start of the root supervisor went
    /// @throws Exception if the application cannot be started; its start then fails with this
    ///   exception as the reason
    Start<?> start(Configuration configuration) throws Exception;

    /// Runs before the tree is stopped, if the application is stopped on purpose. Runs in the
    /// application's master. The default does nothing.
    ///
    /// Source: `c:prep_stop/1`.
    ///
    /// @throws Exception if it fails; the exception is logged, and the stop goes on
    default void prepStop() throws Exception {}

    /// Runs after the tree has ended, for whatever reason. Runs in the application's master. The
    /// default does nothing.
    ///
    /// Source: `c:stop/1`.
    ///
    /// @throws Exception if it fails; the exception is logged
    default void stop() throws Exception {}

    /// Runs an application as a program, and waits, without limit, until the application ends. This
    /// is [#run(Application, Configuration, Callable, Duration)] with a body that waits for that
    /// end, and a stop limit of 10 s.
    ///
    /// @param application the application
    /// @param configuration the values of the settings
    /// @return the exit status; 0 if the application is stopped or its tree ends with `normal`
    /// @throws IllegalArgumentException if the application's name is blank
    /// @throws IllegalStateException if the JVM is ending
    static int run(Application application, Configuration configuration) {
        return run(
                application,
                configuration,
                () -> {
                    Processes.monitor(ApplicationMaster.reference(Applications.name(application)));
                    Processes.receive(Down.class);
                    return 0;
                });
    }

    /// Runs an application as a program. This is [#run(Application, Configuration, Callable,
    /// Duration)] with a stop limit of 10 s.
    ///
    /// @param application the application
    /// @param configuration the values of the settings
    /// @param body the work of the program; runs on the calling thread and returns the exit status
    /// @return the exit status, for `System.exit`
    /// @throws IllegalArgumentException if the application's name is blank
    /// @throws IllegalStateException if the JVM is ending
    static int run(Application application, Configuration configuration, Callable<Integer> body) {
        return run(application, configuration, body, STOP_LIMIT);
    }

    /// Runs an application as a program. It starts the application and those it depends on, runs
    /// the body on the calling thread, and returns the exit status when the body has ended. When
    /// the JVM ends, by `System.exit`, Ctrl-C or SIGTERM, it stops the applications in reverse
    /// order of start.
    ///
    /// The thread is a process while the body runs. An exit signal ends that process, and
    /// interrupts the thread, when a tree ends by itself and when the JVM ends. If a tree ends
    /// before the body begins, the body does not run. If [Applications#stop] stops an application,
    /// the body goes on.
    ///
    /// | what ends the program | exit status | on standard error, for an application `kv` |
    /// |---|---|---|
    /// | the body returns | what it returned | |
    /// | the body exits with `normal`, `shutdown` or `{shutdown, …}` | 0 | |
    /// | an application does not start | 1 | `kv did not start: ` and the reason |
    /// | a tree ends by itself with a reason other than `normal` | 1 | `kv gave up: the supervision tree ended: ` and the reason |
    /// | the body throws | 1 | `kv failed: ` and what it threw; the log has the stack |
    /// | the body exits with another reason | 1 | `kv failed: its body exited: ` and the reason |
    /// | another exit signal ends the body | 1, or 0 if the reason is orderly | `kv failed: an exit signal ended its body: ` and the reason |
    /// | Ctrl-C, SIGTERM | the JVM's own, 130 or 143 | |
    ///
    /// If a tree ended by itself, that decides the exit status, whatever the body did. An
    /// application that does not stop in time is named on standard error; the exit status stays the
    /// same.
    ///
    /// @param application the application
    /// @param configuration the values of the settings
    /// @param body the work of the program; runs on the calling thread and returns the exit status
    /// @param stopLimit how long all applications together may take to stop when the JVM ends, 0 or
    ///   more
    /// @return the exit status, for `System.exit`
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
