package io.genserver.runtime;

import io.genserver.GenServer;
import io.genserver.Ok;
import io.genserver.Sys;
import io.genserver.spi.SystemRequest;
import java.util.Objects;

/// Answers system requests. Owner.
final class SystemMessages {

    private SystemMessages() {}

    /// Does what is asked.
    ///
    /// @return the answer, or a Refused with what the caller is to be thrown
    static Object answer(ServerProcess server, SystemRequest request) {
        try {
            return switch (request) {
                case SystemRequest.GetState _ -> server.state();
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
            };
        } catch (Throwable thrown) { // a function of the caller's must not hurt the server
            return new ReplySlot.SystemCall.Refused(
                    thrown instanceof NotSuspended refused
                            ? refused
                            : new Sys.CallbackFailedException(
                                    "a function given to " + server.describe() + " failed",
                                    thrown));
        }
    }

    /// Why a change of code is refused.
    private static final class NotSuspended extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        NotSuspended(String server) {
            super("expected " + server + " to be suspended before its code is changed");
        }
    }

    private static Object replaceState(ServerProcess server, SystemRequest.ReplaceState replace) {
        Object next = Objects.requireNonNull(replace.function().apply(server.state()), "new state");
        server.replaceState(next);
        return next;
    }

    private static Sys.Status status(ServerProcess server) {
        return new Sys.Status(
                server.pid,
                server.known().callbackModule(),
                server.isSuspended(),
                server.parent(),
                server.mailbox.size(),
                server.state());
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
                        code.codeChange(change.oldVersion(), server.state(), change.extra()),
                        "converted state");
        server.replaceState(converted);
        server.replaceCode(code);
        return Ok.OK;
    }
}
