package io.genserver;

import io.genserver.spi.ProcessRuntime;
import io.genserver.spi.SystemRequest;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// Looks into a running server, and steers it, from outside: for debugging, for tests, and for
/// changing a server's code while it runs. Works on every server, agent and supervisor.
///
/// A request here takes its turn in the server's mailbox like any other, waits up to 5 s, and does
/// not cancel a state timeout but starts it anew.
///
/// Not for the ordinary work of a program: what a server offers its clients belongs into its own
/// API.
///
/// Source: Erlang's `sys`. There is no `trace`, `log`, `statistics` or `install` yet.
public final class Sys {

    private Sys() {}

    /// What a server looks like from outside. Source: `sys:get_status/1`.
    ///
    /// @param pid its pid
    /// @param module its class, [GenServer#callbackModule]
    /// @param suspended whether it is suspended
    /// @param parent who started and linked it; itself if nobody did
    /// @param messageQueueLength how many messages it has not handled
    /// @param state its state, not to be changed
    public record Status(
            Pid pid,
            Class<?> module,
            boolean suspended,
            Pid parent,
            int messageQueueLength,
            Object state) {}

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

    /// The state of a server. Source: `sys:get_state/1`.
    ///
    /// @param server the server
    /// @return its state, not to be changed
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static Object getState(ServerRef server) {
        return ask(server, new SystemRequest.GetState());
    }

    /// Replaces the state of a server. Source: `sys:replace_state/2`.
    ///
    /// @param server the server
    /// @param function from the state to the new state; runs in the server
    /// @param <S> the state's type
    /// @return the new state
    /// @throws CallbackFailedException if the function throws or returns null; the state stays
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    @SuppressWarnings("unchecked") // the caller says what the state is, and the function casts
    public static <S> S replaceState(ServerRef server, UnaryOperator<S> function) {
        return (S) ask(server, new SystemRequest.ReplaceState((UnaryOperator<Object>) function));
    }

    /// Facts about a server. Source: `sys:get_status/1`.
    ///
    /// @param server the server
    /// @return the facts
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static Status getStatus(ServerRef server) {
        return (Status) ask(server, new SystemRequest.GetStatus());
    }

    /// Suspends a server: until it is resumed it handles only what comes from here, a stop, and the
    /// exit of its parent; everything else waits. Twice is as good as once. Source:
    /// `sys:suspend/1`.
    ///
    /// @param server the server
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void suspend(ServerRef server) {
        ask(server, new SystemRequest.Suspend());
    }

    /// Lets a suspended server go on with what has waited, in the order it came. Source:
    /// `sys:resume/1`.
    ///
    /// @param server the server
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static void resume(ServerRef server) {
        ask(server, new SystemRequest.Resume());
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
        ask(server, new SystemRequest.ChangeCode(code, oldVersion, extra));
    }

    /// Stops a server, suspended or not, and waits up to 5 s. Source: `sys:terminate/2`.
    ///
    /// @param server the server
    /// @param reason the reason it is to exit with
    /// @throws CallException as [GenServer#stop(ServerRef, ExitReason, Duration)] does
    public static void terminate(ServerRef server, ExitReason reason) {
        GenServer.stop(server, reason, GenServer.DEFAULT_TIMEOUT);
    }

    private static Object ask(ServerRef server, SystemRequest request) {
        return ProcessRuntime.get().system(server, request, GenServer.DEFAULT_TIMEOUT);
    }
}
