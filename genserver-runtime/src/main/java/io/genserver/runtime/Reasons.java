package io.genserver.runtime;

import io.genserver.ExitReason;

/// Exit reasons as texts without what a user may have put into them: a word of OTP's, or the class
/// of what was thrown or given.
final class Reasons {

    private Reasons() {}

    static String of(ExitReason reason) {
        return switch (reason) {
            case ExitReason.Standard word -> word.toString();
            case ExitReason.Shutdown _ -> "shutdown";
            case ExitReason.Crash(Throwable thrown) -> thrown.getClass().getName();
            case ExitReason.FailedCall(ExitReason inner, String _) -> "call: " + of(inner);
            case ExitReason.BadReturnValue _ -> "bad_return_value";
            case ExitReason.NodeDown _ -> "nodedown";
            case ExitReason.AlreadyStarted _ -> "already_started";
            case ExitReason.CallCycle _ -> "call_cycle";
            case ExitReason.Term(Object term) -> term.getClass().getName();
        };
    }
}
