package io.genserver.runtime;

import io.genserver.ServerRef;
import io.genserver.StartOption;
import org.jspecify.annotations.Nullable;

/// The options of one start, with their defaults.
///
/// @param name the name to register, or null
/// @param initTimeout units: ns
record StartOptions(@Nullable ServerRef name, long initTimeout) {

    private static final StartOptions DEFAULT = new StartOptions(null, TimeUnits.FOREVER);

    /// Of two options of one kind the later counts.
    static StartOptions of(StartOption... options) {
        StartOptions result = DEFAULT;
        for (StartOption option : options) {
            result =
                    switch (option) {
                        case StartOption.Named(ServerRef name) ->
                                new StartOptions(name, result.initTimeout);
                        case StartOption.InitTimeout(var limit) ->
                                new StartOptions(
                                        result.name, TimeUnits.nanos("initTimeout", limit));
                    };
        }
        return result;
    }
}
