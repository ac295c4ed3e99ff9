package kv.console;

import java.util.List;
import java.util.stream.Collectors;

/// One line of the help.
///
/// @param word the command's first word
/// @param usage the whole command
/// @param meaning what the command does
public record Usage(String word, String usage, String meaning) {

    /// Returns the help.
    ///
    /// @param all all commands, in the order in which the help shows them
    /// @return a line for each
    public static String help(List<Usage> all) {
        return all.stream()
                .map(usage -> String.format("%-22s %s", usage.usage(), usage.meaning()))
                .collect(Collectors.joining("\n"));
    }

    /// Returns the first words of commands.
    ///
    /// @param all the commands
    /// @return their words, in the same order
    public static List<String> words(List<Usage> all) {
        return all.stream().map(Usage::word).toList();
    }

    /// Returns the exception for a line that begins with none of the words.
    ///
    /// @param all all commands
    /// @param got the first word of the line
    /// @return the exception
    public static BadCommand unknown(List<Usage> all, String got) {
        return new BadCommand("a command, one of " + String.join(", ", words(all)), got);
    }

    /// Returns the exception for a line that has this word and another form.
    ///
    /// @param line the line
    /// @return the exception
    public BadCommand wrong(String line) {
        return new BadCommand('"' + usage + '"', line.strip());
    }
}
