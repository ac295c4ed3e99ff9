package io.genserver.runtime;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The text of users' values in messages and reports, which must come out whatever those values do.
final class SafeText {

    private static final int LONGEST = 4_000; // units: characters
    private static final int FRAMES = 20;

    private SafeText() {}

    /// The value's own text, cut at 4,000 characters, or a note if its `toString` throws.
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

    /// The first 20 frames of a stack, one a line.
    static String frames(Stream<StackTraceElement> stack) {
        return stack.limit(FRAMES).map(frame -> "\n    at " + frame).collect(Collectors.joining());
    }
}
