package io.genserver.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The tokens of failures, in a file with one in each line, and a chart of the last failure in a
/// file beside it.
final class RememberedTokens {

    private final Path file;
    private final Set<String> tokens;

    /// @throws UncheckedIOException if the file cannot be read
    /// @throws IllegalArgumentException if a line of it is no token
    RememberedTokens(Path file) {
        this.file = file;
        try {
            this.tokens =
                    new LinkedHashSet<>(
                            Files.exists(file) ? Files.readAllLines(file) : List.<String>of());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(
                    "expected a file with tokens of failed runs, got: " + file, unreadable);
        }
        for (String token : tokens) {
            try {
                Token.parse(token);
            } catch (IllegalArgumentException broken) {
                throw new IllegalArgumentException(
                        "expected one token in each line of "
                                + file
                                + ", got: "
                                + token
                                + "; remove the line",
                        broken);
            }
        }
    }

    List<String> all() {
        return new ArrayList<>(tokens);
    }

    void add(SimulationFailure failure) {
        tokens.add(failure.token());
        write();
        try {
            Files.writeString(chart(), failure.trace().asMermaid());
        } catch (IOException unwritable) {
            throw new UncheckedIOException("expected to write a chart to " + chart(), unwritable);
        }
    }

    private Path chart() {
        return file.resolveSibling(file.getFileName() + ".mmd");
    }

    void remove(String token) {
        if (tokens.remove(token)) {
            write();
        }
    }

    private void write() {
        try {
            if (tokens.isEmpty()) {
                Files.deleteIfExists(file);
                Files.deleteIfExists(chart());
                return;
            }
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Files.write(file, tokens);
        } catch (IOException unwritable) {
            throw new UncheckedIOException(
                    "expected to keep the tokens of failed runs in " + file, unwritable);
        }
    }
}
