package kv.top;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import kv.OptionCheck;
import kv.Problem;
import kv.console.Session;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.NonBlockingReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `kv top`: shows what the observer of a running kv knows, in a terminal.
@Command(
        name = "top",
        mixinStandardHelpOptions = true,
        header = "Shows the processes of a running kv in this terminal.",
        description = {
            "",
            "The other kv has to run with --observer, on this machine and as the same user. In a"
                    + " terminal the keys m, l, h, r and n order by mailbox, longest mailbox, handled"
                    + " messages, messages per second and newest; q ends it. Otherwise it prints the"
                    + " processes once.",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:success",
            "1:there is no such kv, or it does not answer",
            "2:an option was not valid"
        })
public final class TopCommand implements Callable<Integer> {

    private static final int LIMIT = 10_000; // units: ms
    private static final long PAUSE = 2_000; // units: ms
    private static final int WIDTH = 120;
    private static final int LINES = 40;
    private static final int NARROWEST = 60;
    private static final int WIDEST = 200;
    private static final int SHORTEST = 8;
    private static final int CTRL_C = 3; // in raw mode it is a character

    /// What the processes are ordered by.
    enum By {
        MAILBOX,
        LONGEST,
        HANDLED,
        RATE,
        NEWEST
    }

    @Spec private @Nullable CommandSpec spec;

    @Parameters(
            paramLabel = "PID",
            arity = "0..1",
            description = "The operating system's number of the kv; needed if several run.")
    private @Nullable Long pid;

    @Option(
            names = "--by",
            paramLabel = "VALUE",
            description = "The value to order by: ${COMPLETION-CANDIDATES} (default MAILBOX).")
    private By by = By.MAILBOX;

    @Option(names = "--json", description = "Print the first 50 processes as JSON, once.")
    private boolean json;

    /// Makes the command; for picocli.
    public TopCommand() {}

    @Override
    public Integer call() {
        try {
            Access access = Access.find(pid);
            if (json) {
                System.out.println(access.get("/api/processes?by=" + by));
            } else if (Session.isOnTerminal()) {
                show(access);
            } else {
                System.out.print(access.get(path(WIDTH, LINES)));
            }
            return 0;
        } catch (Ambiguous several) {
            throw new OptionCheck(spec).wrong(String.valueOf(several.getMessage()));
        } catch (IOException failed) {
            System.err.println("kv top: " + Problem.of(failed));
            return 1;
        }
    }

    private String path(int width, int lines) {
        return "/top?by=%s&width=%d&lines=%d"
                .formatted(
                        by,
                        Math.clamp(width, NARROWEST, WIDEST),
                        Math.clamp(lines, SHORTEST, WIDEST));
    }

    private void show(Access access) throws IOException {
        try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
            Attributes before = terminal.enterRawMode();
            try {
                int key = 0;
                while (key != 'q' && key != CTRL_C && key != NonBlockingReader.EOF) {
                    Size size = terminal.getSize();
                    String text = access.get(path(size.getColumns(), size.getRows() - 1));
                    terminal.writer().print("\u001b[H\u001b[2J" + text.replace("\n", "\r\n"));
                    terminal.flush();
                    key = terminal.reader().read(PAUSE);
                    choose(key);
                }
            } finally {
                terminal.setAttributes(before);
            }
        }
    }

    private void choose(int key) {
        by =
                switch (key) {
                    case 'm' -> By.MAILBOX;
                    case 'l' -> By.LONGEST;
                    case 'h' -> By.HANDLED;
                    case 'r' -> By.RATE;
                    case 'n' -> By.NEWEST;
                    default -> by;
                };
    }

    private static final class Ambiguous extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Ambiguous(String message) {
            super(message);
        }
    }

    /// The address of an observer and the key that it asks for.
    private record Access(String address, String key) {

        /// @throws Ambiguous if several run and no number was given
        static Access find(@Nullable Long pid) throws IOException {
            List<Path> files = pid == null ? running() : List.of(ObserverOption.accessFile(pid));
            if (files.size() > 1) {
                throw new Ambiguous("expected the number of one of several kv, got none: " + files);
            }
            if (files.isEmpty() || !Files.exists(files.getFirst())) {
                throw new IOException("expected a kv that runs with --observer, found none");
            }
            List<String> lines = Files.readAllLines(files.getFirst());
            return new Access(lines.get(0), lines.get(1));
        }

        private static List<Path> running() throws IOException {
            if (!Files.isDirectory(ObserverOption.folder())) {
                return List.of();
            }
            try (Stream<Path> files = Files.list(ObserverOption.folder())) {
                return files.filter(Access::isOfRunningProgram).sorted().toList();
            }
        }

        private static boolean isOfRunningProgram(Path file) {
            String name = file.getFileName().toString();
            return name.matches("observer-\\d{1,18}")
                    && ProcessHandle.of(Long.parseLong(name.substring("observer-".length())))
                            .isPresent();
        }

        String get(String path) throws IOException {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(address + path).toURL().openConnection();
            connection.setConnectTimeout(LIMIT);
            connection.setReadTimeout(LIMIT);
            connection.setRequestProperty("Authorization", "Bearer " + key);
            try (InputStream in = connection.getInputStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }
}
