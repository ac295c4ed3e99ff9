package kv.console;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Runs the commands of a file or a pipe. Writes the answer of each command to the output. Reports
/// each line that is not a command, with its number, on the error output.
final class Script {

    /// The exit status when every line was a command.
    static final int CLEAN = 0;

    /// The exit status when a line was not a command.
    static final int BAD_COMMANDS = 2;

    /// The exit status when a command could not be run, or the answers could not be written.
    static final int FAILED = 1;

    private static final int CHECK_EVERY = 1_000;

    /// The end of a script.
    ///
    /// @param status the exit status
    /// @param summary one line for the error output
    record End(int status, String summary) {}

    private final Interpreter interpreter;
    private final BufferedReader input;
    private final PrintWriter output;
    private final PrintWriter errors;

    Script(Interpreter interpreter, BufferedReader input, PrintWriter output, PrintWriter errors) {
        this.interpreter = interpreter;
        this.input = input;
        this.output = output;
        this.errors = errors;
    }

    /// Runs the script up to the end of the input or up to `exit`.
    End run() throws IOException {
        try {
            return runAll();
        } finally {
            output.flush(); // the answers from before the tree gave up, too
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
                boolean goesOn = interpreter.run(line, this::print);
                commands++;
                if (!goesOn) {
                    break;
                }
            } catch (BadCommand problem) {
                bad++;
                report(number, problem);
            } catch (IllegalArgumentException problem) {
                commands++;
                bad++;
                report(number, problem);
            } catch (IOException failed) {
                return new End(FAILED, "line " + number + ": " + failed.getMessage());
            }
            if (number % CHECK_EVERY == 0 && output.checkError()) { // checkError also flushes
                return cannotWrite();
            }
        }
        if (output.checkError()) {
            return cannotWrite();
        }
        return new End(
                bad == 0 ? CLEAN : BAD_COMMANDS, summary(commands, bad, System.nanoTime() - start));
    }

    /// Writes an answer, at once if no further line has come: a program that sends line by line
    /// waits for it.
    private void print(String answer) {
        output.println(answer);
        try {
            if (!input.ready()) {
                output.flush();
            }
        } catch (IOException closed) {
            output.flush(); // the next read reports it
        }
    }

    private void report(int number, Exception problem) {
        output.flush(); // keeps both outputs in order on a terminal
        errors.println("line " + number + ": " + problem.getMessage());
        errors.flush();
    }

    /// Returns the first line without the byte order mark that some editors write.
    private @Nullable String readFirst() throws IOException {
        String line = input.readLine();
        return line != null && line.startsWith("\uFEFF") ? line.substring(1) : line;
    }

    private static End cannotWrite() {
        return new End(FAILED, "kv cannot write its answers: standard output is closed or full");
    }

    /// Returns whether the script and the console skip a line: a blank line, or one that starts
    /// with #.
    static boolean isComment(String line) {
        return line.isBlank() || line.strip().startsWith("#");
    }

    private static String summary(int commands, int bad, long nanos) {
        return String.format(
                Locale.ROOT,
                "%d commands in %.2f s (%.0f per second), bad lines: %d",
                commands,
                nanos / 1e9,
                commands / Math.max(nanos / 1e9, 1e-9),
                bad);
    }
}
