package kv.console;

import java.io.IOException;
import java.nio.file.Path;
import kv.Version;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.completer.AggregateCompleter;
import org.jline.reader.impl.completer.ArgumentCompleter;
import org.jline.reader.impl.completer.NullCompleter;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/// The console on a terminal: a prompt with history, and completion of commands and bucket names.
final class Console {

    /// The exit status after Ctrl-C, as shells define it: 128 plus the number of SIGINT.
    static final int INTERRUPTED = 130;

    private final Interpreter interpreter;
    private final String prompt;

    Console(Interpreter interpreter, String prompt) {
        this.interpreter = interpreter;
        this.prompt = prompt;
    }

    /// Reads and runs commands until `exit`, Ctrl-D or Ctrl-C.
    ///
    /// @return the exit status
    int run() throws IOException {
        try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
            LineReader reader = reader(terminal);
            terminal.writer()
                    .println("kv " + Version.ofThisBuild() + ". Type help, or exit to leave.");
            while (true) {
                String line;
                try {
                    line = reader.readLine(prompt);
                } catch (EndOfFileException controlD) {
                    return Script.CLEAN;
                } catch (UserInterruptException interrupted) {
                    interpreter.checkAlive();
                    return INTERRUPTED;
                }
                if (!Script.isComment(line) && !run(line, terminal)) {
                    return Script.CLEAN;
                }
            }
        }
    }

    /// Runs a line. Ctrl-C ends a command that goes on until it is ended.
    ///
    /// @return false if the command was exit
    private boolean run(String line, Terminal terminal) {
        Terminal.SignalHandler before =
                terminal.handle(Terminal.Signal.INT, _ -> interpreter.interrupt());
        try {
            return interpreter.run(line, answer -> print(answer, terminal));
        } catch (BadCommand | IOException | IllegalArgumentException problem) {
            print(String.valueOf(problem.getMessage()), terminal);
            return true;
        } finally {
            terminal.handle(Terminal.Signal.INT, before);
        }
    }

    private static void print(String text, Terminal terminal) {
        terminal.writer().println(text);
        terminal.writer().flush();
    }

    private LineReader reader(Terminal terminal) {
        return LineReaderBuilder.builder()
                .appName("kv")
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true) // ! has no meaning here
                .terminal(terminal)
                .variable(
                        LineReader.HISTORY_FILE,
                        Path.of(System.getProperty("user.home"), ".kv_history"))
                .completer(
                        new AggregateCompleter(
                                new ArgumentCompleter(
                                        new StringsCompleter(interpreter.words()),
                                        new StringsCompleter(interpreter::buckets),
                                        NullCompleter.INSTANCE)))
                .build();
    }
}
