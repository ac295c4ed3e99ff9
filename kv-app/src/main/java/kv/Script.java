package kv;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;

/// Runs the commands of a file or a pipe: an answer for each on the output, a line with its number
/// for each that is none on the error output, a summary at the end.
final class Script {

    /// The exit status when every line was a command.
    static final int CLEAN = 0;

    /// The exit status when some line was not.
    static final int BAD_COMMANDS = 2;

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
    ///
    /// @return the exit status
    int run() throws IOException {
        long start = System.nanoTime();
        int commands = 0;
        int bad = 0;
        int number = 0;
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            try {
                Command command = Command.parse(line);
                commands++;
                output.println(shell.run(command));
                if (command instanceof Command.Exit) {
                    break;
                }
            } catch (Command.BadCommand problem) {
                bad++;
                output.flush(); // so that on a terminal both outputs come in order
                errors.println("line " + number + ": " + problem.getMessage());
                errors.flush();
            }
            if (!input.ready()) {
                output.flush(); // whoever feeds us line by line waits for the answer
            }
        }
        output.flush();
        summarize(commands, bad, System.nanoTime() - start);
        return bad == 0 ? CLEAN : BAD_COMMANDS;
    }

    private void summarize(int commands, int bad, long nanos) {
        errors.printf(
                Locale.ROOT,
                "%d commands in %.2f s (%.0f a second), %d bad lines%n",
                commands,
                nanos / 1e9,
                commands / Math.max(nanos / 1e9, 1e-9),
                bad);
        errors.flush();
    }
}
