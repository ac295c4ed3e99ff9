package io.genserver.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The tokens of failures, in a file with one in each line.
final class RememberedTokens {

    private final Path file;
    private final Set<String> tokens;

    /// @throws UncheckedIOException if the file cannot be read
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
    }

    List<String> all() {
        return new ArrayList<>(tokens);
    }

    void add(String token) {
        if (tokens.add(token)) {
            write();
        }
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
