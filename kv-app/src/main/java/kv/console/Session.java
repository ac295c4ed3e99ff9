package kv.console;

import io.genserver.Down;
import io.genserver.ExitException;
import io.genserver.Pid;
import io.genserver.Processes;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The commands of a user: a console on a terminal, a script on a pipe or a file.
public final class Session {

    /// How long a script may take to write its last answers after the tree has given up.
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

    private Session() {}

    /// Runs the commands of standard input up to its end, `exit` or Ctrl-C. Runs in a process whose
    /// tree is that of the store.
    ///
    /// @return the exit status of the program
    /// @throws IOException if the terminal fails
    /// @throws InterruptedException if the thread is interrupted
    public static int run() throws IOException, InterruptedException {
        return run(new Shell());
    }

    /// Runs commands of standard input as [#run()] does.
    ///
    /// @param interpreter runs each line
    /// @return the exit status of the program
    /// @throws IOException if the terminal fails
    /// @throws InterruptedException if the thread is interrupted
    public static int run(Interpreter interpreter) throws IOException, InterruptedException {
        return isOnTerminal() ? console(interpreter, "kv> ") : script(interpreter);
    }

    /// Runs the lines of standard input up to its end, `exit` or Ctrl-C, without a tree.
    ///
    /// @param interpreter runs each line
    /// @param prompt what the console shows before each line
    /// @return the exit status of the program
    /// @throws IOException if the terminal or the input fails
    public static int run(Interpreter interpreter, String prompt) throws IOException {
        if (isOnTerminal()) {
            return console(interpreter, prompt);
        }
        PrintWriter errors = writer(FileDescriptor.err);
        // Each line is written at once, because a command may go on and answer again much later.
        PrintWriter output = new PrintWriter(writer(FileDescriptor.out), true);
        Script.End end = new Script(interpreter, reader(System.in), output, errors).run();
        errors.println(end.summary());
        errors.flush();
        return end.status();
    }

    private static int console(Interpreter interpreter, String prompt) throws IOException {
        return new Console(interpreter, prompt).run();
    }

    /// Returns whether standard input and output are a terminal.
    ///
    /// @return false for a pipe or a file
    @SuppressWarnings("SystemConsoleNull") // on JDK 25 the console is null without a terminal
    public static boolean isOnTerminal() {
        java.io.Console console = System.console();
        return console != null && console.isTerminal();
    }

    /// Runs the script in a process of its own, which has a virtual thread. From there a call costs
    /// a fraction of a call from the main thread, which is a platform thread.
    ///
    /// The main thread writes the last line, because the script may still be writing when the tree
    /// gives up.
    private static int script(Interpreter interpreter) throws InterruptedException {
        PrintWriter output = writer(FileDescriptor.out); // not closed: used after the script
        PrintWriter errors = writer(FileDescriptor.err);
        AtomicReference<Script.@Nullable End> end = new AtomicReference<>();
        CountDownLatch written = new CountDownLatch(1);
        Pid script =
                Processes.spawnLink(() -> {
                    try {
                        end.set(new Script(interpreter, reader(System.in), output, errors).run());
                    } finally {
                        written.countDown();
                    }
                });
        try {
            Processes.monitor(script);
            Processes.receive(Down.class);
        } catch (ExitException gaveUp) {
            // Limited, because the script may be blocked in a read.
            written.await(LAST_ANSWERS.toMillis(), TimeUnit.MILLISECONDS);
            throw gaveUp;
        }
        Script.End known = Objects.requireNonNull(end.get(), "a script that did not fail");
        errors.println(known.summary());
        errors.flush();
        return known.status();
    }

    private static BufferedReader reader(InputStream input) {
        return new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(
                new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8));
    }
}
