package io.genserver.supervisor;

import io.genserver.CallResult;
import io.genserver.Init;
import io.genserver.Processes;
import io.genserver.spi.ProcessRuntime;

/// The server behind [DynamicSupervisor].
final class DynamicSupervisorServer
        extends SupervisingServer<DynamicSupervisorFlags, DynamicChildren> {

    @Override
    public Class<?> callbackModule() {
        return DynamicSupervisor.class;
    }

    @Override
    public Init<DynamicChildren> init(DynamicSupervisorFlags flags) {
        Processes.trapExits(true);
        DynamicChildren children = new DynamicChildren(flags);
        ProcessRuntime.get().publish(children);
        return Init.ok(children);
    }

    @Override
    CallResult<DynamicChildren> answer(
            SupervisorRequest.OfOne<?> request, DynamicChildren children) {
        return switch (request) {
            case SupervisorRequest.StartDynamicChild start ->
                    given(start, children.start(start.child()), children);
            case SupervisorRequest.TerminateDynamicChild terminate ->
                    given(terminate, children.terminate(terminate.pid()), children);
            case SupervisorRequest.OfOrdered<?> other -> refused(other, children);
        };
    }
}
