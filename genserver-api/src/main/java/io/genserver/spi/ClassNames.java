package io.genserver.spi;

import io.genserver.ExitReason;

/// Names for what listeners record: tags, names of spans, fields of events. They are names of
/// classes and a few words. So there is no new name for each object, and nothing in them comes from
/// the data of users.
public final class ClassNames {

    private ClassNames() {}

    /// Returns the name of an object's class.
    ///
    /// @param object the object
    /// @return the name, as [#stable] returns it
    public static String of(Object object) {
        return stable(object.getClass().getName());
    }

    /// Returns the name of an object's class without its package.
    ///
    /// @param object the object
    /// @return the name, as [#stable] returns it, without the package
    public static String shortOf(Object object) {
        String name = of(object);
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /// Returns the name of a class without the address that the JVM adds to that of a lambda.
    ///
    /// @param name the name that the JVM gives
    /// @return the name without the address
    public static String stable(String name) {
        int address = name.indexOf('/');
        return address < 0 ? name : name.substring(0, address);
    }

    /// Returns the class of what was thrown, or a word if nothing was.
    ///
    /// @param reason the reason; of a failed call the reason of the call counts
    /// @return the name of a class, or a word of OTP's such as `shutdown`
    public static String of(ExitReason reason) {
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
