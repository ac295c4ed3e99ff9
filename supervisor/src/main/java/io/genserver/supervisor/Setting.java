package io.genserver.supervisor;

import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One thing about an [Application] that can be configured, with its type.
///
/// ```java
/// static final Setting<Integer> PORT = Setting.of("kv.port", Integer::valueOf, 4040);
/// ```
///
/// @param <T> the type
public final class Setting<T> {

    private final String name;
    private final Function<String, T> parser;
    private final @Nullable T standard; // null: it has to be given

    private Setting(String name, Function<String, T> parser, @Nullable T standard) {
        if (Arguments.notNull(name, "name").isBlank()) {
            throw new IllegalArgumentException(
                    "expected a setting's name that is not blank, got: \"" + name + "\"");
        }
        this.name = name;
        this.parser = Arguments.notNull(parser, "parser");
        this.standard = standard;
    }

    /// A setting with a default.
    ///
    /// @param name its name, also that of the system property, such as `kv.port`
    /// @param parser reads a value; throws if the text is none
    /// @param standard the value if none is given
    /// @param <T> the type
    /// @return the setting
    public static <T> Setting<T> of(String name, Function<String, T> parser, T standard) {
        return new Setting<>(name, parser, Arguments.notNull(standard, "standard"));
    }

    /// A setting that has to be given.
    ///
    /// @param name its name, also that of the system property, such as `kv.port`
    /// @param parser reads a value; throws if the text is none
    /// @param <T> the type
    /// @return the setting
    public static <T> Setting<T> required(String name, Function<String, T> parser) {
        return new Setting<>(name, parser, null);
    }

    /// The name, also that of the system property.
    ///
    /// @return the name
    public String name() {
        return name;
    }

    /// The name of the environment variable: in capitals, with `_` for everything that is no letter
    /// or digit.
    ///
    /// @return the name, `KV_PORT` for `kv.port`
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
