package io.genserver;

import io.genserver.spi.ProcessRuntime;
import io.genserver.spi.SystemRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// Looks into a running server, and steers it, from outside: for debugging, for tests, and for
/// changing a server's code while it runs. Works on every server, agent and supervisor.
///
/// ```java
/// Sys.trace(shopping, true);            // every event goes to the log, at level info
/// Sys.log(shopping, 20);                // and the last 20 are kept
/// Sys.getLog(shopping).forEach(System.out::println);
/// Sys.noDebug(shopping);
/// ```
///
/// A request here takes its turn in the server's mailbox like any other, waits up to 5 s unless it
/// is given a timeout, is answered by a suspended server too, and does not cancel a state timeout
/// but starts it anew.
///
/// Not for the ordinary work of a program: what a server offers its clients belongs into its own
/// API.
///
/// Source: Erlang's `sys`.
public final class Sys {

    /// How many events [#log(ServerRef)] keeps: 10.
    public static final int DEFAULT_LOG = 10;

    private Sys() {}

    /// What a server looks like from outside. Source: `sys:get_status/1`.
    ///
    /// @param pid its pid
    /// @param module its class, [GenServer#callbackModule]
    /// @param suspended whether it is suspended
    /// @param parent who started and linked it; itself if nobody did
    /// @param messageQueueLength how many messages it has not handled
    /// @param log the events it has kept, oldest first
    /// @param state its state as [GenServer#formatStatus] shows it, not to be changed
    public record Status(
            Pid pid,
            Class<?> module,
            boolean suspended,
            Pid parent,
            int messageQueueLength,
            List<SystemEvent> log,
            Object state) {}

    /// What a server has done since [#statistics] was switched on. Source: `sys:statistics/2`.
    ///
    /// @param startTime when it was switched on
    /// @param currentTime now
    /// @param messagesIn how many messages it has handled
    /// @param messagesOut how many replies its callbacks have given
    public record Statistics(
            Instant startTime, Instant currentTime, long messagesIn, long messagesOut) {}

    /// A function given to a server here threw; the server goes on as before.
    public static final class CallbackFailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /// Creates the failure; for runtimes.
        ///
        /// @param message what was asked of which server
        /// @param cause what the function threw
        public CallbackFailedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    // ---------------------------------------------------------------- state

    /// The state of a server. Source: `sys:get_state/1`.
    ///
    /// @param server the server
    /// @return its state, not to be changed
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static Object getState(ServerRef server) {
        return getState(server, GenServer.DEFAULT_TIMEOUT);
    }

    /// The state of a server. Source: `sys:get_state/2`.
    ///
    /// @param server the server
    /// @param timeout how long to wait, 0 or more
    /// @return its state, not to be changed
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static Object getState(ServerRef server, Duration timeout) {
        return ask(server, new SystemRequest.GetState(), timeout);
    }

    /// Replaces the state of a server. Source: `sys:replace_state/2`.
    ///
    /// @param server the server
    /// @param function from the state to the new state; runs in the server
    /// @param <S> the state's type
    /// @return the new state
    /// @throws CallbackFailedException if the function throws or returns null; the state stays
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S> S replaceState(ServerRef server, UnaryOperator<S> function) {
        return replaceState(server, function, GenServer.DEFAULT_TIMEOUT);
    }

    /// Replaces the state of a server. Source: `sys:replace_state/3`.
    ///
    /// @param server the server
    /// @param function from the state to the new state; runs in the server
    /// @param timeout how long to wait, 0 or more
    /// @param <S> the state's type
    /// @return the new state
    /// @throws CallbackFailedException if the function throws or returns null; the state stays
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    @SuppressWarnings("unchecked") // the caller says what the state is, and the function casts
    public static <S> S replaceState(
            ServerRef server, UnaryOperator<S> function, Duration timeout) {
        SystemRequest request = new SystemRequest.ReplaceState((UnaryOperator<Object>) function);
        return (S) ask(server, request, timeout);
    }

    /// Facts about a server. Source: `sys:get_status/1`.
    ///
    /// @param server the server
    /// @return the facts
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static Status getStatus(ServerRef server) {
        return getStatus(server, GenServer.DEFAULT_TIMEOUT);
    }

    /// Facts about a server. Source: `sys:get_status/2`.
    ///
    /// @param server the server
    /// @param timeout how long to wait, 0 or more
    /// @return the facts
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static Status getStatus(ServerRef server, Duration timeout) {
        return (Status) ask(server, new SystemRequest.GetStatus(), timeout);
    }

    // ---------------------------------------------------------------- suspending, changing code

    /// Suspends a server: until it is resumed it handles only what comes from here, a stop, and the
    /// exit of its parent; everything else waits. Twice is as good as once. Source:
    /// `sys:suspend/1`.
    ///
    /// @param server the server
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void suspend(ServerRef server) {
        suspend(server, GenServer.DEFAULT_TIMEOUT);
    }

    /// Suspends a server, as [#suspend(ServerRef)] does. Source: `sys:suspend/2`.
    ///
    /// @param server the server
    /// @param timeout how long to wait, 0 or more
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void suspend(ServerRef server, Duration timeout) {
        ask(server, new SystemRequest.Suspend(), timeout);
    }

    /// Lets a suspended server go on with what has waited, in the order it came. Source:
    /// `sys:resume/1`.
    ///
    /// @param server the server
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void resume(ServerRef server) {
        resume(server, GenServer.DEFAULT_TIMEOUT);
    }

    /// Lets a suspended server go on, as [#resume(ServerRef)] does. Source: `sys:resume/2`.
    ///
    /// @param server the server
    /// @param timeout how long to wait, 0 or more
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void resume(ServerRef server, Duration timeout) {
        ask(server, new SystemRequest.Resume(), timeout);
    }

    /// Gives a suspended server new code: another instance, whose [GenServer#codeChange] converts
    /// the state. Source: `sys:change_code/4`.
    ///
    /// @param server the server
    /// @param code makes the new instance, which must be a server of the same types
    /// @param oldVersion the version the state was made by, as codeChange will get it
    /// @param extra whatever codeChange is to get besides
    /// @throws IllegalStateException if the server is not suspended
    /// @throws CallbackFailedException if codeChange or the supplier throws; code and state stay
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void changeCode(
            ServerRef server,
            Supplier<? extends GenServer<?, ?, ?, ?>> code,
            Object oldVersion,
            Object extra) {
        SystemRequest request = new SystemRequest.ChangeCode(code, oldVersion, extra);
        ask(server, request, GenServer.DEFAULT_TIMEOUT);
    }

    /// Stops a server, suspended or not, and waits up to 5 s. Source: `sys:terminate/2`.
    ///
    /// @param server the server
    /// @param reason the reason it is to exit with
    /// @throws CallException as [GenServer#stop(ServerRef, ExitReason, Duration)] does
    public static void terminate(ServerRef server, ExitReason reason) {
        terminate(server, reason, GenServer.DEFAULT_TIMEOUT);
    }

    /// Stops a server, suspended or not. Source: `sys:terminate/3`.
    ///
    /// @param server the server
    /// @param reason the reason it is to exit with
    /// @param timeout how long to wait, 0 or more
    /// @throws CallException as [GenServer#stop(ServerRef, ExitReason, Duration)] does
    public static void terminate(ServerRef server, ExitReason reason, Duration timeout) {
        GenServer.stop(server, reason, timeout);
    }

    // ---------------------------------------------------------------- watching

    /// Writes every event of a server to the log from now on, at level info, as logger
    /// `io.genserver.Sys`. Source: `sys:trace/2`.
    ///
    /// @param server the server
    /// @param on whether to
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void trace(ServerRef server, boolean on) {
        debug(server, new DebugOption.Trace(on));
    }

    /// Keeps the last 10 events of a server. Source: `sys:log/2` with `true`.
    ///
    /// @param server the server
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void log(ServerRef server) {
        log(server, DEFAULT_LOG);
    }

    /// Keeps the last events of a server, for [#getLog], [#getStatus] and its crash report. Source:
    /// `sys:log/2` with `{true, n}`.
    ///
    /// @param server the server
    /// @param events how many, 1 or more
    /// @throws IllegalArgumentException if the number is less than 1
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void log(ServerRef server, int events) {
        debug(server, DebugOption.log(events));
    }

    /// Keeps no more events, and forgets those kept. Source: `sys:log/2` with `false`.
    ///
    /// @param server the server
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void noLog(ServerRef server) {
        debug(server, new DebugOption.Log(0));
    }

    /// The events a server has kept. Source: `sys:log/2` with `get`.
    ///
    /// @param server the server
    /// @return the events, oldest first; none if none were to be kept
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    @SuppressWarnings("unchecked") // the runtime answers this request so
    public static List<SystemEvent> getLog(ServerRef server) {
        Object log = ask(server, new SystemRequest.GetLog(), GenServer.DEFAULT_TIMEOUT);
        return (List<SystemEvent>) log;
    }

    /// Appends every event of a server to a file from now on, in UTF-8, one a line. Source:
    /// `sys:log_to_file/2`.
    ///
    /// @param server the server
    /// @param file the file; made if there is none
    /// @throws CallbackFailedException if the file cannot be opened
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void logToFile(ServerRef server, Path file) {
        debug(server, new DebugOption.LogToFile(file));
    }

    /// Ends [#logToFile] and closes the file. Source: `sys:log_to_file/2` with `false`.
    ///
    /// @param server the server
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void noLogToFile(ServerRef server) {
        debug(server, new DebugOption.LogToFile(null));
    }

    /// Begins to count what a server does, or ends it. Source: `sys:statistics/2`.
    ///
    /// @param server the server
    /// @param on whether to; counting begins anew
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void statistics(ServerRef server, boolean on) {
        debug(server, new DebugOption.Statistics(on));
    }

    /// What a server has done. Source: `sys:statistics/2` with `get`.
    ///
    /// @param server the server
    /// @return the counts, or empty if nothing is counted
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    @SuppressWarnings("unchecked") // the runtime answers this request so
    public static Optional<Statistics> getStatistics(ServerRef server) {
        Object counts = ask(server, new SystemRequest.GetStatistics(), GenServer.DEFAULT_TIMEOUT);
        return (Optional<Statistics>) counts;
    }

    /// Has a function see every event of a server, until it returns null, throws, or is removed.
    /// One that is installed under an id in use is ignored. Source: `sys:install/2`.
    ///
    /// @param server the server
    /// @param id what to remove it by
    /// @param function the function; runs in the server, which waits for it
    /// @param data what the function gets with the first event
    /// @param <D> the type of the data
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <D> void install(
            ServerRef server, Object id, DebugOption.Function<D> function, D data) {
        debug(server, DebugOption.install(id, function, data));
    }

    /// Removes a function that was installed, if it is there. Source: `sys:remove/2`.
    ///
    /// @param server the server
    /// @param id what it was installed by
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void remove(ServerRef server, Object id) {
        ask(server, new SystemRequest.Remove(id), GenServer.DEFAULT_TIMEOUT);
    }

    /// Ends trace, log, statistics and all functions that were installed. Source: `sys:no_debug/1`.
    ///
    /// @param server the server
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void noDebug(ServerRef server) {
        ask(server, new SystemRequest.NoDebug(), GenServer.DEFAULT_TIMEOUT);
    }

    private static void debug(ServerRef server, DebugOption option) {
        ask(server, new SystemRequest.Debug(option), GenServer.DEFAULT_TIMEOUT);
    }

    private static Object ask(ServerRef server, SystemRequest request, Duration timeout) {
        return ProcessRuntime.get().system(server, request, timeout);
    }
}
