package io.genserver.supervisor;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.ProcessRef;
import io.genserver.Processes;
import io.genserver.Start;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The requests to supervisors of both kinds. A supervisor refuses a request that is only for the
/// other kind.
///
/// @param <R> the type of the result
sealed interface SupervisorRequest<R> extends Call<SupervisorRequest.Answer<R>> {

    /// The reply of a supervisor.
    sealed interface Answer<R> {

        /// The supervisor did what was asked.
        record Given<R>(R value) implements Answer<R> {}

        /// The supervisor is of the other kind.
        record Refused<R>() implements Answer<R> {}
    }

    /// A request to either kind.
    sealed interface OfAny<R> extends SupervisorRequest<R> {}

    record WhichChildren() implements OfAny<List<Child>> {}

    record CountChildren() implements OfAny<ChildCount> {}

    /// A request to one kind only.
    sealed interface OfOne<R> extends SupervisorRequest<R> {}

    /// A request to a supervisor that knows its children by id.
    sealed interface OfOrdered<R> extends OfOne<R> {}

    record StartChild(ChildSpec<?> child) implements OfOrdered<Start<?>> {}

    record TerminateChild(Object id) implements OfOrdered<Optional<ChildError>> {}

    record RestartChild(Object id) implements OfOrdered<Start<?>> {}

    record DeleteChild(Object id) implements OfOrdered<Optional<ChildError>> {}

    /// Makes several changes as one request.
    ///
    /// @param what the purpose, for messages
    /// @param change runs in the supervisor
    record Change<R>(String what, Function<OrderedChildren, R> change) implements OfOrdered<R> {

        @Override
        public String toString() {
            return what;
        }
    }

    /// A request to a supervisor that knows its children by pid.
    sealed interface OfDynamic<R> extends OfOne<R> {}

    /// Starts a child.
    ///
    /// @param what the child's id, or how the child is made, for messages
    /// @param child makes the child from the extra argument; runs in the supervisor
    record StartDynamicChild(Object what, Function<? super Object, ChildSpec<?>> child)
            implements OfDynamic<Start<?>> {

        @Override
        public String toString() {
            return "StartDynamicChild[" + what + "]";
        }
    }

    record TerminateDynamicChild(Pid pid) implements OfDynamic<Optional<ChildError>> {}

    /// Calls a supervisor and waits, without limit, for its reply.
    ///
    /// @throws CallException if there is no such supervisor, it is the calling process, it ends
    ///   first, or it is of the other kind
    static <R> R ask(ProcessRef supervisor, SupervisorRequest<R> request) {
        return ask(supervisor, request, GenServer.INFINITY);
    }

    /// Calls a supervisor and waits for its reply.
    ///
    /// @param timeout how long to wait, 0 or more
    /// @throws CallException as [#ask(ProcessRef, SupervisorRequest)] does, and with `timeout`
    /// @throws IllegalArgumentException if the timeout is negative
    static <R> R ask(ProcessRef supervisor, SupervisorRequest<R> request, Duration timeout) {
        Arguments.notNull(supervisor, "supervisor");
        Arguments.time(timeout, "timeout");
        long start = Processes.monotonicTime();
        return switch (GenServer.call(supervisor.untyped(), request, timeout)) {
            case Answer.Given<R>(R value) -> value;
            case Answer.Refused<R> _ ->
                    throw refused(
                            supervisor,
                            request,
                            Duration.ofNanos(Processes.monotonicTime() - start));
        };
    }

    private static CallException refused(
            ProcessRef supervisor, SupervisorRequest<?> request, Duration waited) {
        String why =
                request instanceof OfDynamic
                        ? "expected a dynamic supervisor, got one that knows its children by id:"
                                + " use the methods of Supervisor"
                        : "expected a supervisor that knows its children by id, got a dynamic one:"
                                + " use the methods of DynamicSupervisor";
        return new CallException(
                "call to " + supervisor + " with " + request + " failed: " + why,
                new ExitReason.FailedCall(
                        ExitReason.of(new IllegalArgumentException(why)),
                        "GenServer.call " + supervisor + ", " + request),
                supervisor.untyped(),
                request,
                waited);
    }
}
