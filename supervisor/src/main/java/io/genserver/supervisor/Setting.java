package io.genserver.supervisor;

import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A value of an [Application] that can be configured, with its type.
///
/// ```java
/// static final Setting<Integer> PORT = Setting.of("kv.port", Integer::valueOf, 4040);
/// ```
///
/// @param <T> the type of the value
public final class Setting<T> {

    private final String name;
    private final Function<String, T> parser;
    private final @Nullable T standard; // null: the value has to be given

    private Setting(String name, Function<String, T> parser, @Nullable T standard) {
        if (Arguments.notNull(name, "name").isBlank()) {
            throw new IllegalArgumentException(
                    "expected the name of a setting not to be blank, got: \"" + name + "\"");
        }
        this.name = name;
        this.parser = Arguments.notNull(parser, "parser");
        this.standard = standard;
    }

    /// Returns a setting with a default.
    ///
    /// @param name the name of the setting and of its system property, such as `kv.port`; not blank
    /// @param parser makes the value from its text; runs in [Configuration#get]; throws if the text
    ///   is not a value
    /// @param standard the value if none is given
    /// @param <T> the type of the value
    /// @return the setting
    /// @throws IllegalArgumentException if the name is blank
    public static <T> Setting<T> of(String name, Function<String, T> parser, T standard) {
        return new Setting<>(name, parser, Arguments.notNull(standard, "standard"));
    }

    /// Returns a setting without a default, whose value has to be given.
    ///
    /// @param name the name of the setting and of its system property, such as `kv.port`; not blank
    /// @param parser makes the value from its text; runs in [Configuration#get]; throws if the text
    ///   is not a value
    /// @param <T> the type of the value
    /// @return the setting
    /// @throws IllegalArgumentException if the name is blank
    public static <T> Setting<T> required(String name, Function<String, T> parser) {
        return new Setting<>(name, parser, null);
    }

    /// Returns the name of the setting, which is also the name of its system property.
    ///
    /// @return the name
    public String name() {
        return name;
    }

    /// Returns the name of the environment variable: the setting's name in capitals, with `_` for
    /// every character that is not a letter from A to Z or a digit.
    ///
    /// @return the name, such as `KV_PORT` for `kv.port`
    public String environmentVariable() {
        return name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    @Nullable T standard() {
        return standard;
    }

    T parse(String text, String where) {
        try {
            return Arguments.notNull(parser.apply(text), "the parsed " + name);
        } catch (RuntimeException wrong) {
            throw new IllegalArgumentException(
                    "expected a value for "
                            + name
                            + " in "
                            + where
                            + ", got: \""
                            + text
                            + "\" ("
                            + wrong.getMessage()
                            + ")",
                    wrong);
        }
    }

    @Override
    public String toString() {
        return "Setting[" + name + "]";
    }
}
