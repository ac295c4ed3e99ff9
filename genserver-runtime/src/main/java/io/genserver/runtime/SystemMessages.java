package io.genserver.runtime;

import io.genserver.DebugOption;
import io.genserver.ExitReason;
import io.genserver.FormatStatus;
import io.genserver.GenServer;
import io.genserver.Ok;
import io.genserver.Sys;
import io.genserver.SystemEvent;
import io.genserver.spi.SystemRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers system requests. Owner.
final class SystemMessages {

    private static final Logger log = LoggerFactory.getLogger(Sys.class);

    private SystemMessages() {}

    /// Performs a system request.
    ///
    /// @return the answer, or a Refused with the exception that the caller gets
    static Object answer(ServerProcess server, SystemRequest request) {
        try {
            return switch (request) {
                case SystemRequest.GetState _ -> server.callbacks.state();
                case SystemRequest.ReplaceState replace -> replaceState(server, replace);
                case SystemRequest.GetStatus _ -> status(server);
                case SystemRequest.Suspend _ -> {
                    server.suspend(true);
                    yield Ok.OK;
                }
                case SystemRequest.Resume _ -> {
                    server.suspend(false);
                    yield Ok.OK;
                }
                case SystemRequest.ChangeCode change -> changeCode(server, change);
                case SystemRequest.Debug(DebugOption option) -> {
                    made(server).set(option);
                    yield Ok.OK;
                }
                case SystemRequest.GetLog _ -> log(server);
                case SystemRequest.GetStatistics _ -> statistics(server);
                case SystemRequest.Remove(Object id) -> {
                    made(server).remove(id);
                    yield Ok.OK;
                }
                case SystemRequest.NoDebug _ -> {
                    server.callbacks.debug(null);
                    yield Ok.OK;
                }
            };
        } catch (Throwable thrown) { // a function of the caller's must not harm the server
            return new ReplySlot.SystemCall.Refused(
                    thrown instanceof NotSuspended refused
                            ? refused
                            : new Sys.CallbackFailedException(
                                    refusal(server, request, thrown), thrown));
        }
    }

    private static String refusal(ServerProcess server, SystemRequest request, Throwable thrown) {
        return thrown instanceof IOException
                        && request instanceof SystemRequest.Debug(DebugOption.LogToFile(Path file))
                ? "expected a file to log the events of "
                        + server.describe()
                        + " to, got: "
                        + file
                        + ", which cannot be opened"
                : "a function given to " + server.describe() + " failed";
    }

    /// Switches on what a server was started with. An option that fails is logged, and the server
    /// runs without it.
    static void watch(ServerProcess server, List<DebugOption> options) {
        for (DebugOption option : options) {
            try {
                made(server).set(option);
            } catch (IOException | RuntimeException failed) {
                log.error("cannot watch {} with {}", server.describe(), option, failed);
            }
        }
    }

    private static Debug made(ServerProcess server) {
        Debug debug = server.callbacks.debug();
        if (debug == null) {
            debug = new Debug();
            server.callbacks.debug(debug);
        }
        return debug;
    }

    private static List<SystemEvent> log(ServerProcess server) {
        Debug debug = server.callbacks.debug();
        return debug == null ? List.of() : debug.log();
    }

    private static Optional<Sys.Statistics> statistics(ServerProcess server) {
        Debug debug = server.callbacks.debug();
        return debug == null ? Optional.empty() : debug.statistics();
    }

    /// Returns what the server wants others to see of it.
    ///
    /// @param message the message that it is handling, or null
    /// @param reason why it ends, or null
    static FormatStatus shown(
            ServerProcess server, @Nullable Object message, @Nullable ExitReason reason) {
        FormatStatus all =
                new FormatStatus(
                        server.callbacks.state(),
                        Optional.ofNullable(message),
                        Optional.ofNullable(reason),
                        log(server));
        try {
            return Objects.requireNonNull(server.callbacks.code().formatStatus(all), "status");
        } catch (Throwable thrown) { // the user's method; the rest is still shown
            return all.withState(
                    "(formatStatus of "
                            + server.initialCall()
                            + " failed with "
                            + SafeText.of(thrown)
                            + ")");
        }
    }

    /// Tells why a change of code is refused.
    private static final class NotSuspended extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        NotSuspended(String server) {
            super("expected " + server + " to be suspended before its code is changed");
        }
    }

    private static Object replaceState(ServerProcess server, SystemRequest.ReplaceState replace) {
        Object next =
                Objects.requireNonNull(
                        replace.function().apply(server.callbacks.state()), "new state");
        server.callbacks.replaceState(next);
        return next;
    }

    private static Sys.Status status(ServerProcess server) {
        FormatStatus shown = shown(server, null, null);
        return new Sys.Status(
                server.pid,
                server.callbacks.code().callbackModule(),
                server.isSuspended(),
                server.callbacks.parent(),
                server.mailbox.length(),
                shown.log(),
                shown.state());
    }

    @SuppressWarnings("unchecked") // the caller promises a server of the same types
    private static Object changeCode(ServerProcess server, SystemRequest.ChangeCode change)
            throws Exception {
        if (!server.isSuspended()) {
            throw new NotSuspended(server.describe());
        }
        GenServer<Object, Object, Object, Object> code =
                (GenServer<Object, Object, Object, Object>)
                        Objects.requireNonNull(change.code().get(), "new code");
        Object converted =
                Objects.requireNonNull(
                        code.codeChange(
                                change.oldVersion(), server.callbacks.state(), change.extra()),
                        "converted state");
        server.callbacks.replaceState(converted);
        server.callbacks.replaceCode(code);
        return Ok.OK;
    }
}
