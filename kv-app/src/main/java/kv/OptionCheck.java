package kv;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/// Checks the options of a command.
///
/// @param spec the command, which picocli sets before it runs it
public record OptionCheck(@Nullable CommandSpec spec) {

    /// Checks the least value of an option.
    ///
    /// @param option the option's name
    /// @param least the least value
    /// @param value the value
    /// @throws ParameterException if the value is less
    public void atLeast(String option, long least, long value) {
        if (value < least) {
            throw wrong("expected %s to be %d or more, got: %d".formatted(option, least, value));
        }
    }

    /// Checks the range of an option.
    ///
    /// @param option the option's name
    /// @param least the least value
    /// @param most the greatest value
    /// @param value the value
    /// @throws ParameterException if the value is not in the range
    public void between(String option, long least, long most, long value) {
        if (value < least || value > most) {
            throw wrong(
                    "expected %s to be from %d to %d, got: %d"
                            .formatted(option, least, most, value));
        }
    }

    /// Returns what ends the command with status 2.
    ///
    /// @param message the line for the user
    /// @return the exception
    public ParameterException wrong(String message) {
        return new ParameterException(
                Objects.requireNonNull(spec, "set by picocli").commandLine(), message);
    }
}
