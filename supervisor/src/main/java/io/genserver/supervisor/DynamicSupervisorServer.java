package io.genserver.supervisor;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Start;
import java.util.Optional;
import java.util.function.Function;

/// The server behind [DynamicSupervisor]: a GenServer that traps exits and whose state is its
/// [DynamicChildren].
final class DynamicSupervisorServer
        implements GenServer<
                DynamicSupervisorFlags,
                DynamicChildren,
                DynamicSupervisorServer.Request,
                Restarts.Retrial> {

    /// What it can be asked; some of it as any supervisor.
    sealed interface Request
            permits StartChild,
                    TerminateChild,
                    SupervisorServer.WhichChildren,
                    SupervisorServer.CountChildren {}

    record StartChild(Function<? super Object, ChildSpec> child) implements Request, Call<Start> {}

    record TerminateChild(Pid pid) implements Request, Call<Optional<ChildError>> {}

    @Override
    public Class<?> callbackModule() {
        return DynamicSupervisor.class;
    }

    @Override
    public Init<DynamicChildren> init(DynamicSupervisorFlags flags) {
        Processes.trapExits(true);
        return Init.ok(new DynamicChildren(flags));
    }

    @Override
    public CallResult<DynamicChildren> handleCall(
            Request request, From from, DynamicChildren children) {
        return switch (request) {
            case StartChild start -> reply(start, children.start(start.child()), children);
            case TerminateChild terminate ->
                    reply(terminate, children.terminate(terminate.pid()), children);
            case SupervisorServer.WhichChildren which -> reply(which, children.which(), children);
            case SupervisorServer.CountChildren count -> reply(count, children.count(), children);
        };
    }

    @Override
    public CastResult<DynamicChildren> handleCast(
            Restarts.Retrial retrial, DynamicChildren children) {
        return SupervisorServer.proceed(children.tryAgain(retrial), children);
    }

    @Override
    public CastResult<DynamicChildren> handleInfo(Object message, DynamicChildren children) {
        return switch (message) {
            case Exit(var pid, ExitReason reason) ->
                    SupervisorServer.proceed(children.ended(pid, reason), children);
            case Restarts.Retrial retrial ->
                    SupervisorServer.proceed(children.tryAgain(retrial), children);
            default -> {
                Reports.unexpected(message);
                yield noreply(children);
            }
        };
    }

    @Override
    public void terminate(ExitReason reason, DynamicChildren children) {
        children.terminateAll();
    }
}
