package io.genserver.supervisor;

import static io.genserver.CallResult.reply;

import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.supervisor.SupervisorRequest.Answer;

/// The common part of both kinds of supervisors: a server that traps exits and whose state is its
/// [Children].
///
/// @param <A> the type of the argument of `init`
/// @param <C> the type of the children
abstract sealed class SupervisingServer<A, C extends Children> implements TreeServer<A, C>
        permits SupervisorServer, DynamicSupervisorServer, KeyedSupervisorServer {

    /// Answers a request that is for one kind only, or refuses it.
    abstract CallResult<C> answer(SupervisorRequest.OfOne<?> request, C children);

    static <R, C> CallResult<C> given(SupervisorRequest<R> request, R value, C children) {
        return reply(request, new Answer.Given<>(value), children);
    }

    static <R, C> CallResult<C> refused(SupervisorRequest<R> request, C children) {
        return reply(request, new Answer.Refused<>(), children);
    }

    @Override
    public final CallResult<C> handleCall(Object request, From from, C children) {
        return switch (request) {
            case SupervisorRequest.WhichChildren which -> given(which, children.which(), children);
            case SupervisorRequest.CountChildren count -> given(count, children.count(), children);
            case SupervisorRequest.OfOne<?> other -> answer(other, children);
            default -> TreeServer.super.handleCall(request, from, children);
        };
    }

    @Override
    public final CastResult<C> handleInfo(Object message, C children) {
        return switch (message) {
            case Exit(var pid, ExitReason reason) ->
                    Restarts.proceed(children.ended(pid, reason), children);
            case Restarts.Retrial retrial -> Restarts.proceed(children.tryAgain(retrial), children);
            default -> other(message, children);
        };
    }

    /// Handles a message that is not about a child.
    CastResult<C> other(Object message, C children) {
        return TreeServer.super.handleInfo(message, children);
    }

    @Override
    public final void terminate(ExitReason reason, C children) {
        children.terminateAll();
    }
}
