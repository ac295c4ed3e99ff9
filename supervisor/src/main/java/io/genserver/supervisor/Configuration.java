package io.genserver.supervisor;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The values of an application's settings. The first of these sources that has a value decides:
///
/// 1. a system property, such as `-Dkv.port=4041`
/// 2. an environment variable, such as `KV_PORT=4041`
/// 3. a value from the code, see [#with]
/// 4. the default of the setting
///
/// Source: Elixir's application environment and `config/runtime.exs`.
public final class Configuration {

    private static final Configuration OF_THE_SYSTEM =
            new Configuration(System::getProperty, System::getenv, Map.of(), null);

    private final Function<String, @Nullable String> properties;
    private final Function<String, @Nullable String> environment;
    private final Map<Setting<?>, Object> fromCode;

    /// Where to write what is read; null: nowhere. The application that is started with the
    /// configuration writes, any thread reads.
    private final @Nullable Reads reads;

    /// What an application has read from the configuration that it was started with.
    ///
    /// @param fromCode the values from the code of that configuration
    /// @param texts the values by their settings, unparsed unless they are from the code
    private record Reads(Map<Setting<?>, Object> fromCode, Map<Setting<?>, Object> texts) {

        /// Writes a value, unless the application itself has given it.
        void add(Setting<?> setting, Object text, Configuration of) {
            if (Objects.equals(fromCode.get(setting), of.fromCode.get(setting))) {
                texts.put(setting, text);
            }
        }
    }

    private Configuration(
            Function<String, @Nullable String> properties,
            Function<String, @Nullable String> environment,
            Map<Setting<?>, Object> fromCode,
            @Nullable Reads reads) {
        this.properties = properties;
        this.environment = environment;
        this.fromCode = fromCode;
        this.reads = reads;
    }

    /// Returns the same configuration, which remembers what is read from it.
    Configuration watched() {
        return new Configuration(
                properties, environment, fromCode, new Reads(fromCode, new ConcurrentHashMap<>()));
    }

    /// Returns the settings that were read from this watched configuration and have another value
    /// in the other configuration.
    ///
    /// @return their names, sorted
    List<String> differences(Configuration other) {
        return reads == null
                ? List.of()
                : reads.texts().entrySet().stream()
                        .filter(read -> !read.getValue().equals(other.text(read.getKey())))
                        .map(read -> read.getKey().name())
                        .sorted()
                        .toList();
    }

    /// Returns the value of a setting, unparsed unless it is from the code; null if there is none.
    private @Nullable Object text(Setting<?> setting) {
        String property = properties.apply(setting.name());
        String outside =
                property == null ? environment.apply(setting.environmentVariable()) : property;
        Object coded = outside == null ? fromCode.get(setting) : outside;
        return coded == null ? setting.standard() : coded;
    }

    /// Returns the configuration that reads the system properties and the environment of this
    /// program.
    ///
    /// @return the configuration
    public static Configuration ofTheSystem() {
        return OF_THE_SYSTEM;
    }

    /// Returns a configuration that reads the given properties and variables and nothing else. For
    /// tests.
    ///
    /// @param properties replaces the system properties
    /// @param environment replaces the environment
    /// @return the configuration
    public static Configuration of(
            Map<String, String> properties, Map<String, String> environment) {
        return new Configuration(
                Map.copyOf(Arguments.notNull(properties, "properties"))::get,
                Map.copyOf(Arguments.notNull(environment, "environment"))::get,
                Map.of(),
                null);
    }

    /// Returns the same configuration with a value from the code. A system property or an
    /// environment variable overrides it.
    ///
    /// @param setting the setting
    /// @param value its value
    /// @param <T> the type of the value
    /// @return the changed configuration
    public <T> Configuration with(Setting<T> setting, T value) {
        Map<Setting<?>, Object> more = new HashMap<>(fromCode);
        more.put(Arguments.notNull(setting, "setting"), Arguments.notNull(value, "value"));
        return new Configuration(properties, environment, Map.copyOf(more), reads);
    }

    /// Returns the value of a setting.
    ///
    /// @param setting the setting
    /// @param <T> the type of the value
    /// @return the value
    /// @throws IllegalArgumentException if the text of the value cannot be parsed, or if no value
    ///   is given and the setting has no default; the message says where the text came from, or how
    ///   to give a value
    @SuppressWarnings("unchecked") // with() stores a T under a Setting<T>
    public <T> T get(Setting<T> setting) {
        Object text = text(Arguments.notNull(setting, "setting"));
        if (reads != null && text != null) {
            reads.add(setting, text, this);
        }
        String property = properties.apply(setting.name());
        if (property != null) {
            return setting.parse(property, "the system property " + setting.name());
        }
        String variable = environment.apply(setting.environmentVariable());
        if (variable != null) {
            return setting.parse(
                    variable, "the environment variable " + setting.environmentVariable());
        }
        T coded = (T) fromCode.get(setting);
        T value = coded == null ? setting.standard() : coded;
        if (value == null) {
            throw new IllegalArgumentException(
                    "expected a value for "
                            + setting.name()
                            + ", got none: give it with -D"
                            + setting.name()
                            + "=... or as the environment variable "
                            + setting.environmentVariable());
        }
        return value;
    }

    /// Returns the names of the settings with a value from the code, but not their values, which
    /// may be secret.
    @Override
    public String toString() {
        return "Configuration[from code: "
                + fromCode.keySet().stream()
                        .map(Setting::name)
                        .sorted()
                        .collect(Collectors.joining(", "))
                + "]";
    }
}
