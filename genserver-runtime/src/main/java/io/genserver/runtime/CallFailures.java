package io.genserver.runtime;

import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.spi.Machine;
import io.genserver.spi.RuntimeListener;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/// Creates the exceptions that say why a call failed: which server, which request, and how long the
/// caller waited.
final class CallFailures {

    private CallFailures() {}

    /// Returns the exception for a failed request.
    ///
    /// @param name the server as the caller named it, and the process behind that name
    /// @param timeout how long the caller would have waited; units: ns
    /// @param waited how long the caller has waited; units: ns
    static CallException exception(
            ReplySlot request,
            ExitReason reason,
            ServerRef server,
            String name,
            long timeout,
            long waited) {
        return exception(
                request,
                reason,
                server,
                name,
                explain(reason, TimeUnits.text(waited)),
                timeout,
                waited);
    }

    /// Tells the listeners of a failed call if it is of interest to them. A thread that may run
    /// users' code.
    ///
    /// @param waited how long the caller has waited; units: ns
    static void tell(
            ReplySlot.Request request, ExitReason reason, LocalProcess target, long waited) {
        RuntimeListener listeners = Listeners.added();
        if (listeners == null || Machine.isQuiet()) {
            return;
        }
        if (reason.equals(ExitReason.TIMEOUT)) {
            listeners.callTimedOut(
                    LocalNode.current(),
                    target.initialCall(),
                    request.request,
                    Duration.ofNanos(waited));
        } else if (reason instanceof ExitReason.CallCycle(List<Pid> cycle)) {
            listeners.callCycle(LocalNode.current(), cycle);
        }
    }

    /// Returns the exception for a request whose registry threw instead of finding the server.
    ///
    /// @param timeout how long the caller would have waited; units: ns
    static CallException ofRegistry(
            ReplySlot request, RuntimeException thrown, ServerRef server, long timeout) {
        ExitReason reason = LocalNode.registryFailure(thrown);
        String why =
                reason.equals(ExitReason.NOPROC)
                        ? "failed: " + SafeText.message(thrown)
                        : "failed: its registry threw " + SafeText.of(thrown);
        return exception(request, reason, server, SafeText.of(server), why, timeout, 0);
    }

    private static CallException exception(
            ReplySlot request,
            ExitReason reason,
            ServerRef server,
            String name,
            String why,
            long timeout,
            long waited) {
        String asked = SafeText.of(request.request());
        return new CallException(
                request.describe(name, asked) + " " + why,
                new ExitReason.FailedCall(
                        reason, request.function(server, asked, TimeUnits.text(timeout))),
                server,
                request.request(),
                Duration.ofNanos(waited));
    }

    /// Returns the server as the caller named it, and the process behind that name.
    static String describe(ServerRef server, LocalProcess target) {
        return server instanceof Pid ? target.describe() : server + " " + target.describe();
    }

    private static String explain(ExitReason reason, String waited) {
        return switch (reason) {
            case ExitReason.CallCycle(List<Pid> chain) ->
                    "would never be answered, because these processes would wait for each other: "
                            + chain.stream().map(Pid::toString).collect(Collectors.joining(" -> "));
            case ExitReason.Standard.TIMEOUT -> "timed out after " + waited;
            case ExitReason.Standard.NOPROC -> "failed: there is no such process, or it has ended";
            case ExitReason.NodeDown(String node) ->
                    "failed after "
                            + waited
                            + ": the node "
                            + node
                            + " is not connected, or the connection was lost";
            case ExitReason.Standard.CALLING_SELF ->
                    "failed: a process cannot call itself, because it would wait for ever";
            case ExitReason.Standard.MAILBOX_FULL ->
                    "was refused after " + waited + ", because the mailbox of the server is full";
            case ExitReason.Standard.INTERRUPTED -> "was interrupted after " + waited;
            default -> "failed after " + waited + ": the server ended with " + SafeText.of(reason);
        };
    }
}
