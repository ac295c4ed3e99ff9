package io.genserver.opentelemetry;

import io.genserver.ExitReason;

/// Names of classes, for names and attributes of spans. There must not be a new name for each
/// object.
final class ClassNames {

    private ClassNames() {}

    /// Returns the name of an object's class.
    static String of(Object object) {
        return stable(object.getClass().getName());
    }

    /// Returns the name of an object's class without its package.
    static String shortOf(Object object) {
        String name = of(object);
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /// Returns the name of a class without the address that the JVM adds to that of a lambda.
    static String stable(String name) {
        int address = name.indexOf('/');
        return address < 0 ? name : name.substring(0, address);
    }

    /// Returns the class of what was thrown; a word if nothing was.
    static String of(ExitReason reason) {
        return switch (reason) {
            case ExitReason.Standard word -> word.toString();
            case ExitReason.Shutdown _ -> "shutdown";
            case ExitReason.Crash(Throwable thrown) -> of(thrown);
            case ExitReason.FailedCall(ExitReason inner, String _) -> innermost(inner);
            case ExitReason.BadReturnValue _ -> "bad_return_value";
            case ExitReason.NodeDown _ -> "nodedown";
            case ExitReason.AlreadyStarted _ -> "already_started";
            case ExitReason.CallCycle _ -> "call_cycle";
            case ExitReason.Term(Object term) -> of(term);
        };
    }

    private static String innermost(ExitReason reason) {
        ExitReason inner = reason;
        while (inner instanceof ExitReason.FailedCall(ExitReason next, String _)) {
            inner = next;
        }
        return of(inner);
    }
}
