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
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The server behind [Supervisor]: a GenServer that traps exits and whose state is its [Children].
final class SupervisorServer
        implements GenServer<
                SupervisorServer.Argument,
                Children,
                SupervisorServer.Request,
                SupervisorServer.TryAgain> {

    private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

    /// The argument of init.
    record Argument(List<ChildSpec> children, SupervisorFlags flags) {}

    /// What a supervisor can be asked.
    sealed interface Request {}

    record StartChild(ChildSpec child) implements Request, Call<Start> {}

    record TerminateChild(Object id) implements Request, Call<Optional<ChildError>> {}

    record RestartChild(Object id) implements Request, Call<Start> {}

    record DeleteChild(Object id) implements Request, Call<Optional<ChildError>> {}

    record WhichChildren() implements Request, Call<List<Child>> {}

    record CountChildren() implements Request, Call<ChildCount> {}

    /// What a supervisor tells itself when a restart failed.
    record TryAgain(Object id) {}

    @Override
    public Class<?> callbackModule() {
        return Supervisor.class;
    }

    @Override
    public Init<Children> init(Argument argument) {
        Processes.trapExits(true);
        Children children = new Children(argument.flags());
        for (ChildSpec child : argument.children()) {
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
    public CastResult<Children> handleCast(TryAgain again, Children children) {
        return proceed(children.tryAgain(again.id()), children);
    }

    @Override
    public CastResult<Children> handleInfo(Object message, Children children) {
        if (message instanceof Exit(var pid, ExitReason reason)) {
            return proceed(children.ended(pid, reason), children);
        }
        log.error("supervisor {} received an unexpected message: {}", Processes.self(), message);
        return noreply(children);
    }

    @Override
    public void terminate(ExitReason reason, Children children) {
        children.terminateAll();
    }

    private static CastResult<Children> proceed(Children.Next next, Children children) {
        return switch (next) {
            case Children.Next.GoOn _ -> noreply(children);
            case Children.Next.Retry(Object id) -> {
                GenServer.cast(Processes.self(), new TryAgain(id));
                yield noreply(children);
            }
            case Children.Next.GiveUp _ -> stop(ExitReason.SHUTDOWN, children);
        };
    }
}
