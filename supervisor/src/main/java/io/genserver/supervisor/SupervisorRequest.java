package io.genserver.supervisor;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// What the two kinds of supervisors can be asked. A supervisor of the other kind than a request is
/// for refuses it.
///
/// @param <R> the type of what is asked for
sealed interface SupervisorRequest<R> extends Call<SupervisorRequest.Answer<R>> {

    /// How a supervisor answers.
    sealed interface Answer<R> {

        /// It does what it is asked.
        record Given<R>(R value) implements Answer<R> {}

        /// It is of the other kind.
        record Refused<R>() implements Answer<R> {}
    }

    /// For both kinds.
    sealed interface OfAny<R> extends SupervisorRequest<R> {}

    record WhichChildren() implements OfAny<List<Child>> {}

    record CountChildren() implements OfAny<ChildCount> {}

    /// For one kind only.
    sealed interface OfOne<R> extends SupervisorRequest<R> {}

    /// For a supervisor that knows its children by id.
    sealed interface OfOrdered<R> extends OfOne<R> {}

    record StartChild(ChildSpec child) implements OfOrdered<Start> {}

    record TerminateChild(Object id) implements OfOrdered<Optional<ChildError>> {}

    record RestartChild(Object id) implements OfOrdered<Start> {}

    record DeleteChild(Object id) implements OfOrdered<Optional<ChildError>> {}

    /// Does several things at once.
    ///
    /// @param what what it is for, for people
    /// @param change runs in the supervisor
    record Change<R>(String what, Function<OrderedChildren, R> change) implements OfOrdered<R> {

        @Override
        public String toString() {
            return what;
        }
    }

    /// For a supervisor that knows its children by pid.
    sealed interface OfDynamic<R> extends OfOne<R> {}

    /// Starts a child.
    ///
    /// @param what the child's id or what makes the child, for people
    /// @param child makes the child from the extra argument; runs in the supervisor
    record StartDynamicChild(Object what, Function<? super Object, ChildSpec> child)
            implements OfDynamic<Start> {

        @Override
        public String toString() {
            return "StartDynamicChild[" + what + "]";
        }
    }

    record TerminateDynamicChild(Pid pid) implements OfDynamic<Optional<ChildError>> {}

    /// Asks a supervisor and waits without limit.
    ///
    /// @throws CallException if there is no such supervisor, it ends first, or it is of the other
    ///   kind
    static <R> R ask(ServerRef supervisor, SupervisorRequest<R> request) {
        Arguments.notNull(supervisor, "supervisor");
        long start = Processes.monotonicTime();
        return switch (GenServer.call(supervisor, request, GenServer.INFINITY)) {
            case Answer.Given<R>(R value) -> value;
            case Answer.Refused<R> _ ->
                    throw refused(
                            supervisor,
                            request,
                            Duration.ofNanos(Processes.monotonicTime() - start));
        };
    }

    private static CallException refused(
            ServerRef supervisor, SupervisorRequest<?> request, Duration waited) {
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
                supervisor,
                request,
                waited);
    }
}
