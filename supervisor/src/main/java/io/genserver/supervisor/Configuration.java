package io.genserver.supervisor;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The values of an application's settings. What is nearer to the one who runs the program counts:
/// a system property (`-Dkv.port=4041`) before an environment variable (`KV_PORT=4041`), that
/// before what the code says ([#with]), and that before the setting's default.
///
/// Source: Elixir's application environment and `config/runtime.exs`.
public final class Configuration {

    private static final Configuration OF_THE_SYSTEM =
            new Configuration(System::getProperty, System::getenv, Map.of());

    private final Function<String, @Nullable String> properties;
    private final Function<String, @Nullable String> environment;
    private final Map<Setting<?>, Object> fromCode;

    private Configuration(
            Function<String, @Nullable String> properties,
            Function<String, @Nullable String> environment,
            Map<Setting<?>, Object> fromCode) {
        this.properties = properties;
        this.environment = environment;
        this.fromCode = fromCode;
    }

    /// What the system properties and the environment of this program say.
    ///
    /// @return the configuration
    public static Configuration ofTheSystem() {
        return OF_THE_SYSTEM;
    }

    /// What given properties and variables say, and nothing else; for tests.
    ///
    /// @param properties in the place of the system properties
    /// @param environment in the place of the environment
    /// @return the configuration
    public static Configuration of(
            Map<String, String> properties, Map<String, String> environment) {
        return new Configuration(
                Map.copyOf(Arguments.notNull(properties, "properties"))::get,
                Map.copyOf(Arguments.notNull(environment, "environment"))::get,
                Map.of());
    }

    /// The same with a value from the code, which counts unless one is given from outside.
    ///
    /// @param setting the setting
    /// @param value its value
    /// @param <T> the type
    /// @return the changed configuration
    public <T> Configuration with(Setting<T> setting, T value) {
        Map<Setting<?>, Object> more = new HashMap<>(fromCode);
        more.put(Arguments.notNull(setting, "setting"), Arguments.notNull(value, "value"));
        return new Configuration(properties, environment, Map.copyOf(more));
    }

    /// The value of a setting.
    ///
    /// @param setting the setting
    /// @param <T> the type
    /// @return the value
    /// @throws IllegalArgumentException if the value given cannot be read, or none is given and
    ///   there is no default; says where it came from or could be given
    @SuppressWarnings("unchecked") // with() put it there under this setting
    public <T> T get(Setting<T> setting) {
        String property = properties.apply(Arguments.notNull(setting, "setting").name());
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

    /// Names the settings that have a value from the code. Values may be secret.
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
