package io.genserver.runtime;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Turns users' values into text for messages and reports. It never fails, whatever those values
/// do.
final class SafeText {

    private static final int LONGEST = 4_000; // units: characters
    private static final int FRAMES = 20;

    private SafeText() {}

    /// Returns the value's own text, cut at 4,000 characters, or a note if its `toString` throws.
    static String of(@Nullable Object value) {
        try {
            String text = String.valueOf(value);
            return text.length() <= LONGEST
                    ? text
                    : text.substring(0, LONGEST) + "... (" + text.length() + " characters)";
        } catch (Throwable hostile) { // a report about a failure must not fail
            return "(a value whose toString threw " + hostile.getClass().getName() + ")";
        }
    }

    /// Returns the message of a throwable, as [#of] returns the text of a value.
    static String message(Throwable thrown) {
        try {
            return of(thrown.getMessage());
        } catch (Throwable hostile) { // a report about a failure must not fail
            return "(a message that threw " + hostile.getClass().getName() + ")";
        }
    }

    /// Returns the first 20 frames of a stack, one per line.
    static String frames(Stream<StackTraceElement> stack) {
        return stack.limit(FRAMES).map(frame -> "\n    at " + frame).collect(Collectors.joining());
    }
}
