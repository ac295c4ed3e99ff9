package io.genserver.supervisor;

import io.genserver.CallResult;
import io.genserver.ExitReason;
import io.genserver.Init;
import io.genserver.Processes;
import io.genserver.spi.ProcessRuntime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// The server behind [Supervisor].
final class SupervisorServer extends SupervisingServer<SupervisorServer.Argument, OrderedChildren> {

    /// The argument of `init`.
    ///
    /// @param module decides what to supervise
    /// @param callbackModule the class that stands for the supervisor in reports
    record Argument(Callable<SupervisorInit> module, Class<?> callbackModule) {}

    /// Written once by `init`, in the supervisor. Read by any thread, for reports.
    private volatile Class<?> module = Supervisor.class;

    @Override
    public Class<?> callbackModule() {
        return module;
    }

    @Override
    public Init<OrderedChildren> init(Argument argument) throws Exception {
        module = argument.callbackModule();
        Processes.trapExits(true);
        return switch (argument.module().call()) {
            case SupervisorInit.Ignore _ -> Init.ignore();
            case SupervisorInit.Tree(List<? extends ChildSpec<?>> specs, SupervisorFlags flags) ->
                    start(specs, new OrderedChildren(flags));
            case null ->
                    throw new IllegalStateException(
                            "expected the init of "
                                    + module.getName()
                                    + " to return what to supervise, got: null");
        };
    }

    private static Init<OrderedChildren> start(
            List<? extends ChildSpec<?>> specs, OrderedChildren children) {
        for (ChildSpec<?> child : specs) {
            Optional<ExitReason> problem = children.add(child);
            if (problem.isPresent()) {
                return Init.stop(problem.get());
            }
        }
        ProcessRuntime.get().publish(children);
        return children.startAll()
                .<Init<OrderedChildren>>map(failed -> {
                    Reports.startFailed(failed.id(), failed.reason());
                    children.terminateAll();
                    return Init.stop(ExitReason.shutdown(failed));
                })
                .orElseGet(() -> Init.ok(children));
    }

    @Override
    CallResult<OrderedChildren> answer(
            SupervisorRequest.OfOne<?> request, OrderedChildren children) {
        return switch (request) {
            case SupervisorRequest.StartChild start ->
                    given(start, children.startChild(start.child()), children);
            case SupervisorRequest.TerminateChild terminate ->
                    given(terminate, children.terminateChild(terminate.id()), children);
            case SupervisorRequest.RestartChild restart ->
                    given(restart, children.restartChild(restart.id()), children);
            case SupervisorRequest.DeleteChild delete ->
                    given(delete, children.deleteChild(delete.id()), children);
            case SupervisorRequest.Change<?> change -> changed(change, children);
            case SupervisorRequest.OfDynamic<?> other -> refused(other, children);
        };
    }

    private static <R> CallResult<OrderedChildren> changed(
            SupervisorRequest.Change<R> change, OrderedChildren children) {
        return given(change, change.change().apply(children), children);
    }
}
