package io.genserver.supervisor;

import static io.genserver.CastResult.noreply;

import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.FormatStatus;
import io.genserver.From;
import io.genserver.GenServer;

/// A server that other processes depend on: a supervisor, a partition of a registry, the master of
/// an application.
///
/// An unexpected message is a mistake of its sender. The server logs an error and goes on, because
/// its end would end the other processes. It leaves an unexpected call unanswered, so the caller
/// gets a timeout: the caller would not expect the type of any answer.
///
/// @param <A> the type of the argument of `init`
/// @param <S> the type of the state
interface TreeServer<A, S> extends GenServer<A, S, Object, Object> {

    /// Has crash reports show the state, because the text of such a server's state has ids and
    /// counts only.
    @Override
    default FormatStatus formatStatus(FormatStatus status) {
        return status.withState(status.state());
    }

    @Override
    default CallResult<S> handleCall(Object request, From from, S state) {
        Reports.unexpectedCall(this, from, request);
        return noreply(state);
    }

    @Override
    default CastResult<S> handleCast(Object request, S state) {
        Reports.unexpected(this, "cast", request);
        return noreply(state);
    }

    @Override
    default CastResult<S> handleInfo(Object message, S state) {
        Reports.unexpected(this, "message", message);
        return noreply(state);
    }
}
