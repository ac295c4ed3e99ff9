package kv.console;

/// Thrown for a line that is not a command.
public final class BadCommand extends Exception {

    private static final long serialVersionUID = 1L;

    /// How many characters of a bad line are shown.
    static final int SHOWN = 100;

    /// Makes the exception. It shows the line shortened and without control characters, which could
    /// drive a terminal.
    ///
    /// @param expected the expected form
    /// @param line the line, or a part of it
    public BadCommand(String expected, String line) {
        super("expected " + expected + ", got: " + shown(line));
    }

    private static String shown(String text) {
        String start = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
        return start.replaceAll("\\p{Cntrl}", "?");
    }
}
