package kv;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Runs the commands of a file or a pipe: an answer for each on the output, a line with its number
/// for each that is none on the error output.
final class Script {

    /// The exit status when every line was a command.
    static final int CLEAN = 0;

    /// The exit status when some line was not.
    static final int BAD_COMMANDS = 2;

    /// The exit status when nobody takes the answers.
    static final int CANNOT_WRITE = 1;

    private static final int CHECK_EVERY = 1_000;

    /// How a script ended.
    ///
    /// @param status the exit status
    /// @param summary one line for the error output
    record End(int status, String summary) {}

    private final Shell shell = new Shell();
    private final BufferedReader input;
    private final PrintWriter output;
    private final PrintWriter errors;

    Script(BufferedReader input, PrintWriter output, PrintWriter errors) {
        this.input = input;
        this.output = output;
        this.errors = errors;
    }

    /// Runs to the end of the input or to `exit`. Blank lines and those that start with # are
    /// passed over.
    End run() throws IOException {
        try {
            return runAll();
        } finally {
            output.flush(); // also of what was answered before the tree gave up
        }
    }

    private End runAll() throws IOException {
        long start = System.nanoTime();
        int commands = 0;
        int bad = 0;
        int number = 0;
        for (String line = readFirst(); line != null; line = input.readLine()) {
            number++;
            if (isComment(line)) {
                continue;
            }
            try {
                Command command = Command.parse(line);
                commands++;
                output.println(shell.run(command));
                if (command instanceof Command.Exit) {
                    break;
                }
            } catch (Command.BadCommand | IllegalArgumentException problem) {
                bad++;
                output.flush(); // so that on a terminal both outputs come in order
                errors.println("line " + number + ": " + problem.getMessage());
                errors.flush();
            }
            if (!input.ready()) {
                output.flush(); // whoever feeds us line by line waits for the answer
            }
            if (number % CHECK_EVERY == 0 && output.checkError()) { // checking also flushes
                return cannotWrite();
            }
        }
        if (output.checkError()) {
            return cannotWrite();
        }
        return new End(
                bad == 0 ? CLEAN : BAD_COMMANDS, summary(commands, bad, System.nanoTime() - start));
    }

    /// The first line, without the mark some editors put before it.
    private @Nullable String readFirst() throws IOException {
        String line = input.readLine();
        return line != null && line.startsWith("\uFEFF") ? line.substring(1) : line;
    }

    private static End cannotWrite() {
        return new End(
                CANNOT_WRITE, "kv cannot write its answers: standard output is closed or full");
    }

    /// Blank lines and those that start with # are passed over, on the console too.
    static boolean isComment(String line) {
        return line.isBlank() || line.strip().startsWith("#");
    }

    private static String summary(int commands, int bad, long nanos) {
        return String.format(
                Locale.ROOT,
                "%d commands in %.2f s (%.0f a second), %d bad lines",
                commands,
                nanos / 1e9,
                commands / Math.max(nanos / 1e9, 1e-9),
                bad);
    }
}
