package io.genserver.conformance;

import io.genserver.ExitReason;
import io.genserver.RemoteException;
import io.genserver.supervisor.FailedToStartChild;

/// Translates between exit reasons and their words in the corpus.
final class Words {

    private Words() {}

    static ExitReason reason(String word) {
        for (ExitReason.Standard standard : ExitReason.Standard.values()) {
            if (standard.toString().equals(word)) {
                return standard;
            }
        }
        return word.startsWith("shutdown:")
                ? ExitReason.shutdown(word.substring("shutdown:".length()))
                : ExitReason.of(word);
    }

    static String of(ExitReason reason) {
        return switch (reason) {
            case ExitReason.Standard standard -> standard.toString();
            case ExitReason.Shutdown(FailedToStartChild(Object id, ExitReason why)) ->
                    "shutdown:failed_to_start_child:" + id + ":" + of(why);
            case ExitReason.Shutdown(Object detail) -> "shutdown:" + detail;
            case ExitReason.Crash(RemoteException thrown) -> "error:" + thrown.originalMessage();
            case ExitReason.Crash(Throwable thrown) -> "error:" + thrown.getMessage();
            case ExitReason.BadReturnValue _ -> "bad_return_value";
            case ExitReason.AlreadyStarted _ -> "already_started";
            case ExitReason.NodeDown(String node) -> "nodedown:" + node;
            case ExitReason.CallCycle _ -> "call_cycle";
            case ExitReason.FailedCall(ExitReason why, String _) -> of(why);
            case ExitReason.Term(Object term) -> String.valueOf(term);
        };
    }
}
