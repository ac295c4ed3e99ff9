package io.genserver.supervisor;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static io.genserver.CastResult.stop;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Processes;
import io.genserver.Start;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// The server behind [Supervisor]: a GenServer that traps exits and whose state is its [Children].
final class SupervisorServer
        implements GenServer<
                SupervisorServer.Argument, Children, SupervisorServer.Request, Restarts.Retrial> {

    /// The argument of init.
    ///
    /// @param module decides what to supervise
    record Argument(Callable<SupervisorInit> module, Class<?> callbackModule) {}

    /// What a supervisor can be asked.
    sealed interface Request {}

    record StartChild(ChildSpec child) implements Request, Call<Start> {}

    record TerminateChild(Object id) implements Request, Call<Optional<ChildError>> {}

    record RestartChild(Object id) implements Request, Call<Start> {}

    record DeleteChild(Object id) implements Request, Call<Optional<ChildError>> {}

    record WhichChildren() implements Request, DynamicSupervisorServer.Request, Call<List<Child>> {}

    record CountChildren() implements Request, DynamicSupervisorServer.Request, Call<ChildCount> {}

    /// Written once by init; others read it for people.
    private volatile Class<?> module = Supervisor.class;

    @Override
    public Class<?> callbackModule() {
        return module;
    }

    @Override
    public Init<Children> init(Argument argument) throws Exception {
        module = argument.callbackModule();
        Processes.trapExits(true);
        return switch (argument.module().call()) {
            case SupervisorInit.Ignore _ -> Init.ignore();
            case SupervisorInit.Tree(List<ChildSpec> specs, SupervisorFlags flags) ->
                    start(specs, new Children(flags));
            case null ->
                    throw new IllegalStateException(
                            "expected the init of "
                                    + module.getName()
                                    + " to return what to supervise, got: null");
        };
    }

    private static Init<Children> start(List<ChildSpec> specs, Children children) {
        for (ChildSpec child : specs) {
            Optional<ExitReason> problem = children.add(child);
            if (problem.isPresent()) {
                return Init.stop(problem.get());
            }
        }
        return children.startAll()
                .<Init<Children>>map(failed -> {
                    Reports.startFailed(failed.id(), failed.reason());
                    children.terminateAll();
                    return Init.stop(ExitReason.shutdown(failed));
                })
                .orElseGet(() -> Init.ok(children));
    }

    @Override
    public CallResult<Children> handleCall(Request request, From from, Children children) {
        return switch (request) {
            case StartChild start -> reply(start, children.startChild(start.child()), children);
            case TerminateChild terminate ->
                    reply(terminate, children.terminateChild(terminate.id()), children);
            case RestartChild restart ->
                    reply(restart, children.restartChild(restart.id()), children);
            case DeleteChild delete -> reply(delete, children.deleteChild(delete.id()), children);
            case WhichChildren which -> reply(which, children.which(), children);
            case CountChildren count -> reply(count, children.count(), children);
        };
    }

    @Override
    public CastResult<Children> handleCast(Restarts.Retrial retrial, Children children) {
        return proceed(children.tryAgain(retrial), children);
    }

    @Override
    public CastResult<Children> handleInfo(Object message, Children children) {
        return switch (message) {
            case Exit(var pid, ExitReason reason) -> proceed(children.ended(pid, reason), children);
            case Restarts.Retrial retrial -> proceed(children.tryAgain(retrial), children);
            default -> {
                Reports.unexpected(message);
                yield noreply(children);
            }
        };
    }

    @Override
    public void terminate(ExitReason reason, Children children) {
        children.terminateAll();
    }

    /// Does what is to be done after a child has ended. Runs in the supervisor.
    static <S> CastResult<S> proceed(Restarts.Next next, S children) {
        return switch (next) {
            case Restarts.Next.GoOn _ -> noreply(children);
            case Restarts.Next.Retry(Restarts.Retrial retrial, Duration delay) -> {
                if (delay.isZero()) {
                    GenServer.cast(Processes.self(), retrial);
                } else {
                    Processes.sendAfter(Processes.self(), retrial, delay);
                }
                yield noreply(children);
            }
            case Restarts.Next.GiveUp _ -> stop(ExitReason.SHUTDOWN, children);
        };
    }
}
