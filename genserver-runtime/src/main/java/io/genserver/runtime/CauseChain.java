package io.genserver.runtime;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Shortens long chains of causes. When a server at the end of a chain of calls crashes, each
/// caller in the chain crashes with all causes below it. Written in full, the reports of a chain of
/// 4,000 servers would contain 8 million stack traces.
final class CauseChain {

    private static final int LONGEST = 10;

    private CauseChain() {}

    /// Returns the throwable itself if it has fewer than 10 causes. Otherwise returns a copy for
    /// the log with the first 8 causes, a note, and the last cause, which is the origin.
    static Throwable shortened(Throwable thrown) {
        Deque<Throwable> first = new ArrayDeque<>();
        Throwable last = thrown;
        int length = 0;
        for (Throwable next = thrown; next != null && length < 100_000; next = next.getCause()) {
            if (length < LONGEST - 1) {
                first.push(next);
            }
            last = next;
            length++;
        }
        if (length <= LONGEST) {
            return thrown;
        }
        Throwable chain = new Copy(last, null);
        chain =
                new Note(
                        "(" + (length - first.size() - 1) + " more causes are left out here)",
                        chain);
        for (Throwable next : first) {
            chain = new Copy(next, chain);
        }
        return chain;
    }

    @SuppressWarnings("OverrideThrowableToString") // the class would hide the text
    private static final class Note extends Throwable {
        private static final long serialVersionUID = 1L;

        Note(String message, Throwable cause) {
            super(message, cause, false, false);
        }

        @Override
        public String toString() {
            return String.valueOf(getMessage());
        }
    }

    /// A copy that prints like the original.
    @SuppressWarnings("OverrideThrowableToString") // the text names the original's class
    private static final class Copy extends Throwable {
        private static final long serialVersionUID = 1L;

        private final String text;

        Copy(Throwable original, @Nullable Throwable cause) {
            super(original.getMessage(), cause, true, true);
            this.text = SafeText.of(original);
            setStackTrace(original.getStackTrace());
            for (Throwable suppressed : original.getSuppressed()) {
                addSuppressed(suppressed);
            }
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
