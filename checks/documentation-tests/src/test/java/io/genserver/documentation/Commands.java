package io.genserver.documentation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Finds the shell commands in code blocks, fenced or indented, and in code within a line. In a
/// block marked `sh` every line is a command. Elsewhere code is a command if it begins like one.
final class Commands {

    /// One command in a document.
    ///
    /// @param document the document
    /// @param line the number of the first line of the command
    /// @param text the command, on one line
    record Shown(Path document, int line, String text) {
        @Override
        public String toString() {
            return document + ":" + line + ": " + text;
        }
    }

    static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

    private static final Pattern COMMAND =
            Pattern.compile(
                    "(?:\\./\\w|\\.ci/\\w|(?:apt|brew|cd|curl|export|git|java|javac|mvn|printf|sh|sdk)"
                            + " \\S).*",
                    Pattern.DOTALL);
    private static final Pattern FENCE = Pattern.compile("\\s*(?:```|~~~)\\s*(\\w*).*");
    private static final Pattern CODE = Pattern.compile("(`+)(.+?)\\1", Pattern.DOTALL);
    private static final Pattern COMMENT = Pattern.compile("(?:^|\\s+)#\\s.*");

    private final Path document;
    private final List<Shown> found = new ArrayList<>();

    private boolean fenced;
    private boolean shell; // whether the block is marked as a block of commands
    private String begun = ""; // the lines of an unfinished command, which end with a backslash
    private int begunAt;

    private final StringBuilder paragraph = new StringBuilder();
    private int paragraphAt;

    private Commands(Path document) {
        this.document = document;
    }

    static List<Shown> ofAllDocuments() throws IOException {
        List<Path> documents = new ArrayList<>();
        try (Stream<Path> files = Files.list(ROOT)) {
            files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
        }
        for (String folder : List.of("docs", "checks", "examples")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".md"))
                        .filter(file -> !file.toString().contains("/target/"))
                        .sorted()
                        .forEach(documents::add);
            }
        }
        List<Shown> all = new ArrayList<>();
        for (Path document : documents) {
            all.addAll(of(ROOT.relativize(document), Files.readString(document)));
        }
        return all;
    }

    static List<Shown> of(Path document, String text) {
        Commands commands = new Commands(document);
        int number = 0;
        for (String line : text.lines().toList()) {
            commands.read(++number, line);
        }
        commands.readParagraph();
        return commands.found;
    }

    private void read(int number, String line) {
        Matcher fence = FENCE.matcher(line);
        boolean indented = line.startsWith("    ") && paragraph.isEmpty();
        if (fence.matches()) {
            readParagraph();
            shell = !fenced && List.of("sh", "shell", "bash").contains(fence.group(1));
            fenced = !fenced;
        } else if (fenced || indented || !begun.isEmpty()) {
            readBlock(number, line);
        } else if (line.isBlank()) {
            readParagraph();
        } else {
            paragraphAt = paragraph.isEmpty() ? number : paragraphAt;
            paragraph.append(line).append('\n');
        }
    }

    private void readBlock(int number, String line) {
        String text = (begun + " " + COMMENT.matcher(line.strip()).replaceFirst("")).strip();
        begunAt = begun.isEmpty() ? number : begunAt;
        begun = text.endsWith("\\") ? text.substring(0, text.length() - 1).strip() : "";
        if (begun.isEmpty() && !text.isEmpty() && (shell || COMMAND.matcher(text).matches())) {
            found.add(new Shown(document, begunAt, text));
        }
    }

    private void readParagraph() {
        String text = paragraph.toString();
        paragraph.setLength(0);
        CODE.matcher(text)
                .results()
                .forEach(code -> {
                    String command = code.group(2).strip().replaceAll("\\s+", " ");
                    if (COMMAND.matcher(command).matches()) {
                        found.add(new Shown(document, lineOf(text, code.start()), command));
                    }
                });
    }

    private int lineOf(String text, int offset) {
        return paragraphAt + (int) text.substring(0, offset).chars().filter(c -> c == '\n').count();
    }
}
