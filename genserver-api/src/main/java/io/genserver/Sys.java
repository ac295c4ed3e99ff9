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

/// Inspects and controls a running server from outside: for debugging, for tests, and to change the
/// code of a server while it runs. It works on every server, agent and supervisor.
///
/// ```java
/// Sys.trace(shopping, true);            // logs every event, at level info
/// Sys.log(shopping, 20);                // keeps the last 20 events
/// Sys.getLog(shopping).forEach(System.out::println);
/// Sys.noDebug(shopping);
/// ```
///
/// Each method here sends the server a request and waits for the answer, up to 5 s unless the
/// method takes a timeout. The request is queued in the mailbox behind earlier messages. A
/// suspended server answers it too. It does not cancel a state timeout: a plain one
/// ([Action#timeout(Duration)]) starts anew, and one with a message of its own continues.
///
/// Do not use this class for the ordinary work of a program. What a server offers to its clients
/// belongs in its own client API.
///
/// Source: Erlang's `sys`.
public final class Sys {

    /// How many events [#log(ProcessRef)] keeps: 10.
    public static final int DEFAULT_LOG = 10;

    private Sys() {}

    /// What a server looks like from outside. Source: `sys:get_status/1`.
    ///
    /// @param pid its pid
    /// @param module its class, see [GenServer#callbackModule]
    /// @param suspended whether it is suspended
    /// @param parent the process that started and linked it; the server itself if there is none
    /// @param messageQueueLength the number of messages in its mailbox
    /// @param log the events it has kept, oldest first
    /// @param state its state as [GenServer#formatStatus] shows it; do not change it
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
    /// @param currentTime the time of this answer
    /// @param messagesIn the number of messages it has handled
    /// @param messagesOut the number of replies that its callbacks have returned
    public record Statistics(
            Instant startTime, Instant currentTime, long messagesIn, long messagesOut) {}

    /// A function that was given to a server through [Sys] threw. The server continues as before.
    public static final class CallbackFailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /// Creates the failure. For runtimes.
        ///
        /// @param message what was asked of which server
        /// @param cause what the function threw
        public CallbackFailedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// Returns the state of a server. Source: `sys:get_state/1`.
    ///
    /// @param server the server
    /// @return its state; do not change it
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static Object getState(ProcessRef server) {
        return getState(server, GenServer.DEFAULT_TIMEOUT);
    }

    /// Returns the state of a server. Source: `sys:get_state/2`.
    ///
    /// @param server the server
    /// @param timeout how long to wait, 0 or more
    /// @return its state; do not change it
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static Object getState(ProcessRef server, Duration timeout) {
        return ask(server, new SystemRequest.GetState(), timeout);
    }

    /// Replaces the state of a server. Source: `sys:replace_state/2`.
    ///
    /// @param server the server
    /// @param function makes the new state from the old one; runs in the server
    /// @param <S> the type of the state
    /// @return the new state
    /// @throws CallbackFailedException if the function throws or returns null; the server keeps the
    ///   old state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S> S replaceState(ProcessRef server, UnaryOperator<S> function) {
        return replaceState(server, function, GenServer.DEFAULT_TIMEOUT);
    }

    /// Replaces the state of a server. Source: `sys:replace_state/3`.
    ///
    /// @param server the server
    /// @param function makes the new state from the old one; runs in the server
    /// @param timeout how long to wait, 0 or more
    /// @param <S> the type of the state
    /// @return the new state
    /// @throws CallbackFailedException if the function throws or returns null; the server keeps the
    ///   old state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    @SuppressWarnings("unchecked") // the caller states the type of the state; the function casts
    public static <S> S replaceState(
            ProcessRef server, UnaryOperator<S> function, Duration timeout) {
        SystemRequest request = new SystemRequest.ReplaceState((UnaryOperator<Object>) function);
        return (S) ask(server, request, timeout);
    }

    /// Returns facts about a server. Source: `sys:get_status/1`.
    ///
    /// @param server the server
    /// @return the facts
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static Status getStatus(ProcessRef server) {
        return getStatus(server, GenServer.DEFAULT_TIMEOUT);
    }

    /// Returns facts about a server. Source: `sys:get_status/2`.
    ///
    /// @param server the server
    /// @param timeout how long to wait, 0 or more
    /// @return the facts
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static Status getStatus(ProcessRef server, Duration timeout) {
        return (Status) ask(server, new SystemRequest.GetStatus(), timeout);
    }

    /// Suspends a server. Source: `sys:suspend/1`.
    ///
    /// Until [#resume(ProcessRef)] it handles only requests of this class, a stop, and an [Exit]
    /// from its parent; all other messages wait. To suspend a suspended server changes nothing.
    ///
    /// @param server the server
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void suspend(ProcessRef server) {
        suspend(server, GenServer.DEFAULT_TIMEOUT);
    }

    /// Suspends a server, as [#suspend(ProcessRef)] does. Source: `sys:suspend/2`.
    ///
    /// @param server the server
    /// @param timeout how long to wait, 0 or more
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void suspend(ProcessRef server, Duration timeout) {
        ask(server, new SystemRequest.Suspend(), timeout);
    }

    /// Resumes a suspended server. It handles the messages that have waited, in the order of
    /// arrival. Source: `sys:resume/1`.
    ///
    /// @param server the server
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void resume(ProcessRef server) {
        resume(server, GenServer.DEFAULT_TIMEOUT);
    }

    /// Resumes a suspended server, as [#resume(ProcessRef)] does. Source: `sys:resume/2`.
    ///
    /// @param server the server
    /// @param timeout how long to wait, 0 or more
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void resume(ProcessRef server, Duration timeout) {
        ask(server, new SystemRequest.Resume(), timeout);
    }

    /// Replaces the code of a suspended server with another instance, whose [GenServer#codeChange]
    /// converts the state. Source: `sys:change_code/4`.
    ///
    /// @param server the server
    /// @param code makes the new instance; runs in the server; the instance must be a server of the
    ///   same types
    /// @param oldVersion the version that made the state, for `codeChange`
    /// @param extra any further value for `codeChange`
    /// @throws IllegalStateException if the server is not suspended
    /// @throws CallbackFailedException if `codeChange` or the supplier throws or returns null; the
    ///   server keeps the old code and the old state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void changeCode(
            ProcessRef server,
            Supplier<? extends GenServer<?, ?, ?, ?>> code,
            Object oldVersion,
            Object extra) {
        SystemRequest request = new SystemRequest.ChangeCode(code, oldVersion, extra);
        ask(server, request, GenServer.DEFAULT_TIMEOUT);
    }

    /// Stops a server, suspended or not, and waits up to 5 s until it has ended. Source:
    /// `sys:terminate/2`.
    ///
    /// @param server the server
    /// @param reason the exit reason
    /// @throws CallException as [GenServer#stop(ProcessRef, ExitReason, Duration)] does
    public static void terminate(ProcessRef server, ExitReason reason) {
        terminate(server, reason, GenServer.DEFAULT_TIMEOUT);
    }

    /// Stops a server, suspended or not, and waits until it has ended. Source: `sys:terminate/3`.
    ///
    /// @param server the server
    /// @param reason the exit reason
    /// @param timeout how long to wait, 0 or more
    /// @throws CallException as [GenServer#stop(ProcessRef, ExitReason, Duration)] does
    public static void terminate(ProcessRef server, ExitReason reason, Duration timeout) {
        GenServer.stop(server, reason, timeout);
    }

    /// Starts or ends logging every event of a server, at level info of the logger
    /// `io.genserver.Sys`. Source: `sys:trace/2`.
    ///
    /// @param server the server
    /// @param on whether to log events from now on
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void trace(ProcessRef server, boolean on) {
        trace(server, on, GenServer.DEFAULT_TIMEOUT);
    }

    /// Starts or ends logging every event of a server, as [#trace(ProcessRef, boolean)] does.
    /// Source: `sys:trace/3`.
    ///
    /// @param server the server
    /// @param on whether to log events from now on
    /// @param timeout how long to wait, 0 or more
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void trace(ProcessRef server, boolean on, Duration timeout) {
        ask(server, new SystemRequest.Debug(new DebugOption.Trace(on)), timeout);
    }

    /// Keeps the last 10 events of a server, as [#log(ProcessRef, int)] does. Source: `sys:log/2`
    /// with `true`.
    ///
    /// @param server the server
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void log(ProcessRef server) {
        log(server, DEFAULT_LOG);
    }

    /// Keeps the last events of a server, for [#getLog], [#getStatus(ProcessRef)] and its crash
    /// report. Source: `sys:log/2` with `{true, n}`.
    ///
    /// @param server the server
    /// @param events how many events to keep, 1 or more
    /// @throws IllegalArgumentException if the number is less than 1
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void log(ProcessRef server, int events) {
        debug(server, DebugOption.log(events));
    }

    /// Stops keeping events and forgets those that were kept. Source: `sys:log/2` with `false`.
    ///
    /// @param server the server
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void noLog(ProcessRef server) {
        debug(server, new DebugOption.Log(0));
    }

    /// Returns the events that a server has kept. Source: `sys:log/2` with `get`.
    ///
    /// @param server the server
    /// @return the events, oldest first; empty if [#log(ProcessRef)] is not switched on
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    @SuppressWarnings("unchecked") // the type of the answer to this request
    public static List<SystemEvent> getLog(ProcessRef server) {
        Object log = ask(server, new SystemRequest.GetLog(), GenServer.DEFAULT_TIMEOUT);
        return (List<SystemEvent>) log;
    }

    /// Appends every event of a server to a file from now on, in UTF-8, one event a line. Source:
    /// `sys:log_to_file/2`.
    ///
    /// @param server the server
    /// @param file the file, which is created if it does not exist
    /// @throws CallbackFailedException if the file cannot be opened
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void logToFile(ProcessRef server, Path file) {
        debug(server, new DebugOption.LogToFile(file));
    }

    /// Ends [#logToFile] and closes the file. Source: `sys:log_to_file/2` with `false`.
    ///
    /// @param server the server
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void noLogToFile(ProcessRef server) {
        debug(server, new DebugOption.LogToFile(null));
    }

    /// Starts or ends counting what a server does. Each start counts from 0. Source:
    /// `sys:statistics/2`.
    ///
    /// @param server the server
    /// @param on whether to count from now on
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void statistics(ProcessRef server, boolean on) {
        debug(server, new DebugOption.Statistics(on));
    }

    /// Returns what a server has done. Source: `sys:statistics/2` with `get`.
    ///
    /// @param server the server
    /// @return the counts, or empty if [#statistics] is not switched on
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    @SuppressWarnings("unchecked") // the type of the answer to this request
    public static Optional<Statistics> getStatistics(ProcessRef server) {
        Object counts = ask(server, new SystemRequest.GetStatistics(), GenServer.DEFAULT_TIMEOUT);
        return (Optional<Statistics>) counts;
    }

    /// Installs a function that sees every event of a server, until it returns null, throws, or is
    /// removed. If the id is in use, nothing changes. Source: `sys:install/2`.
    ///
    /// @param server the server
    /// @param id the id for [#remove]
    /// @param function the function; runs in the server, which waits for it
    /// @param data the data for the first event
    /// @param <D> the type of the data
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <D> void install(
            ProcessRef server, Object id, DebugOption.Function<D> function, D data) {
        debug(server, DebugOption.install(id, function, data));
    }

    /// Removes an installed function. If there is none with this id, nothing changes. Source:
    /// `sys:remove/2`.
    ///
    /// @param server the server
    /// @param id the id given to [#install]
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void remove(ProcessRef server, Object id) {
        ask(server, new SystemRequest.Remove(id), GenServer.DEFAULT_TIMEOUT);
    }

    /// Ends trace, log, log file and statistics, and removes all installed functions. Source:
    /// `sys:no_debug/1`.
    ///
    /// @param server the server
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void noDebug(ProcessRef server) {
        ask(server, new SystemRequest.NoDebug(), GenServer.DEFAULT_TIMEOUT);
    }

    private static void debug(ProcessRef server, DebugOption option) {
        ask(server, new SystemRequest.Debug(option), GenServer.DEFAULT_TIMEOUT);
    }

    private static Object ask(ProcessRef server, SystemRequest request, Duration timeout) {
        return ProcessRuntime.get().system(server.untyped(), request, timeout);
    }
}
