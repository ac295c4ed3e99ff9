package io.genserver.runtime;

import java.lang.reflect.Array;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Turns the state and the messages of a server into text for crash reports. They may be personal
/// data or secrets, and a log is read by more people than the program's data. So a report shows
/// them as their types and sizes.
///
/// The system property `genserver.reports` is `types`, the default, or `full`, if reports are to
/// show the values.
final class ReportText {

    private static final boolean FULL = isFull();

    private ReportText() {}

    private static boolean isFull() {
        String chosen = System.getProperty("genserver.reports", "types");
        if (!chosen.equals("types") && !chosen.equals("full")) {
            throw new IllegalArgumentException(
                    "expected the system property genserver.reports to be types or full, got: "
                            + chosen);
        }
        return chosen.equals("full");
    }

    /// Refuses a wrong setting when the runtime is loaded, because a report must not fail.
    ///
    /// @throws ExceptionInInitializerError if the property has another value
    static void requireSetting() {}

    /// Returns what a report shows of a value that its server has not chosen to show.
    static String of(@Nullable Object value) {
        return FULL ? SafeText.of(value) : shape(value);
    }

    /// Returns the type of a value, and its size if it has one. An enum constant is shown itself,
    /// because the program's text has it, too.
    static String shape(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Enum<?> constant -> constant.getDeclaringClass().getName() + " " + constant.name();
            default -> value.getClass().getTypeName() + size(value);
        };
    }

    private static String size(Object value) {
        try {
            return switch (value) {
                case CharSequence text -> ", " + text.length() + " characters";
                case Collection<?> collection -> ", " + collection.size() + " elements";
                case Map<?, ?> map -> ", " + map.size() + " entries";
                default ->
                        value.getClass().isArray()
                                ? ", " + Array.getLength(value) + " elements"
                                : "";
            };
        } catch (Throwable hostile) { // a report about a failure must not fail
            return ", size() threw " + hostile.getClass().getName();
        }
    }
}
