package io.genserver.spring;

import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.SupervisorFlags;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.convert.DurationUnit;

/// The properties `genserver.*`.
///
/// @param enabled whether the application has a supervision tree
/// @param nodeName the name of the node that the tree runs on, by default the name of the
///   application; a number is added if another open node of the JVM has it
/// @param strategy which children the root supervisor restarts when one child needs a restart
/// @param maxRestarts how many restarts are allowed within max-seconds; with one more the root
///   supervisor gives up
/// @param maxSeconds the period for max-restarts; a number without a unit is in seconds
/// @param shutdownTimeout how long the tree may take to stop before it is killed
/// @param onGiveUp what the application does when the root supervisor has given up
@ConfigurationProperties("genserver")
public record GenServerProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable String nodeName,
        @DefaultValue("one-for-one") Strategy strategy,
        @DefaultValue("3") int maxRestarts,
        @DefaultValue("5s") @DurationUnit(ChronoUnit.SECONDS) Duration maxSeconds,
        @DefaultValue("10s") @DurationUnit(ChronoUnit.SECONDS) Duration shutdownTimeout,
        @DefaultValue("health") OnGiveUp onGiveUp) {

    /// Checks the ranges.
    ///
    /// @throws InvalidConfigurationPropertyValueException if a value is out of its range
    void check() {
        check(nodeName == null || !nodeName.isBlank(), "node-name", nodeName, "a visible name");
        check(maxRestarts >= 0, "max-restarts", maxRestarts, "0 or more");
        check(maxSeconds.isPositive(), "max-seconds", maxSeconds, "more than 0");
        check(!shutdownTimeout.isNegative(), "shutdown-timeout", shutdownTimeout, "0 or more");
    }

    private static void check(boolean isValid, String name, @Nullable Object value, String rule) {
        if (!isValid) {
            throw new InvalidConfigurationPropertyValueException(
                    "genserver." + name, value, "expected " + rule + ", got: " + value);
        }
    }

    SupervisorFlags flags() {
        return SupervisorFlags.of(strategy).withMaxRestarts(maxRestarts, maxSeconds);
    }
}
