package kv;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/// What a user is told about an exception.
public final class Problem {

    private Problem() {}

    /// Returns one line. For the exceptions of files, whose message is often only a name, it says
    /// what is wrong.
    ///
    /// @param thrown the exception
    /// @return the line
    public static String of(Exception thrown) {
        return switch (thrown) {
            case NoSuchFileException missing -> "there is no file " + missing.getFile();
            case AccessDeniedException denied -> "no permission for the file " + denied.getFile();
            case FileSystemException other -> other.getFile() + ": " + other.getReason();
            case IOException failed when failed.getMessage() == null -> failed.toString();
            default -> String.valueOf(thrown.getMessage());
        };
    }
}
