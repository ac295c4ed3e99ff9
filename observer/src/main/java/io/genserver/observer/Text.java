package io.genserver.observer;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;

/// Turns users' values into text. It never fails, whatever those values do.
final class Text {

    private static final int LONGEST = 1_000; // units: characters

    private Text() {}

    static String of(@Nullable Object value) {
        return of(value, LONGEST);
    }

    /// Returns the value's own text, cut, or a note if its `toString` throws.
    static String of(@Nullable Object value, int longest) {
        try {
            return cut(String.valueOf(value), longest);
        } catch (Throwable hostile) { // one such value must not hide all others
            return "(a value whose toString threw " + hostile.getClass().getName() + ")";
        }
    }

    /// Returns a throwable with its stack and its causes.
    static String stack(Throwable thrown) {
        StringWriter text = new StringWriter();
        try {
            thrown.printStackTrace(new PrintWriter(text));
        } catch (Throwable hostile) { // as above
            text.append("(its text threw ").append(hostile.getClass().getName()).append(')');
        }
        return text.toString();
    }

    /// Returns a number with what it counts.
    static String counted(int count, String one, String many) {
        return count + " " + (count == 1 ? one : many);
    }

    static String cut(String text, int longest) {
        return text.length() <= longest
                ? text
                : text.substring(0, longest) + "… (" + text.length() + " characters)";
    }

    /// Returns a value as it is shown to somebody who may not see data: its type.
    static String typeOf(@Nullable Object value) {
        return value == null ? "null" : value.getClass().getTypeName();
    }
}
