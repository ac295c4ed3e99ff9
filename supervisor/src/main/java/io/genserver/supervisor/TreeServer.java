package io.genserver.supervisor;

import static io.genserver.CastResult.noreply;

import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.From;
import io.genserver.GenServer;

/// A server that other processes live and die with: a supervisor, a partition of a registry, the
/// master of an application. What it does not expect is the mistake of whoever sent it. It logs an
/// error and goes on, because its end would end the others.
///
/// A call that it does not expect stays unanswered, so its caller gets a timeout. Any answer would
/// be of a type that the caller does not expect.
///
/// @param <A> the argument of init
/// @param <S> the state
interface TreeServer<A, S> extends GenServer<A, S, Object, Object> {

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
