package kv.console;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/// Runs the lines of a console or a script.
public interface Interpreter {

    /// Runs one line.
    ///
    /// @param line the line, which is neither blank nor a comment
    /// @param output gets the answer, of one or more lines, as soon as it is there
    /// @return false if the line ends the console or the script
    /// @throws BadCommand if the line is not a command
    /// @throws IOException if the command could not be run
    boolean run(String line, Consumer<String> output) throws BadCommand, IOException;

    /// Ends the command that runs, if it is one that goes on until it is ended. Called by another
    /// thread.
    default void interrupt() {}

    /// Does nothing, or throws if this cannot run commands any more, which may look like Ctrl-C.
    default void checkAlive() {}

    /// Returns the first words of all commands, for completion.
    ///
    /// @return the words
    List<String> words();

    /// Returns the names of buckets, for completion.
    ///
    /// @return the names that are known
    Collection<String> buckets();
}
