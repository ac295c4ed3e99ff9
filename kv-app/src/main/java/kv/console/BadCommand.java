package kv.console;

/// Thrown for a line that is not a command.
public final class BadCommand extends Exception {

    private static final long serialVersionUID = 1L;

    /// Makes the exception.
    ///
    /// @param message the expected form and the line
    public BadCommand(String message) {
        super(message);
    }
}
