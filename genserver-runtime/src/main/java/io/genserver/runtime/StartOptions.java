package io.genserver.runtime;

import io.genserver.DebugOption;
import io.genserver.ServerRef;
import io.genserver.StartOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The options of one start, with their defaults.
///
/// @param name the name to register, or null
/// @param initTimeout units: ns
/// @param hibernateAfter units: ns
/// @param debug what to look at from the start on
record StartOptions(
        @Nullable ServerRef name, long initTimeout, long hibernateAfter, List<DebugOption> debug) {

    private static final StartOptions DEFAULT =
            new StartOptions(null, TimeUnits.FOREVER, TimeUnits.FOREVER, List.of());

    /// Of two options of one kind the later counts; debug options add up.
    static StartOptions of(StartOption... options) {
        StartOptions result = DEFAULT;
        for (StartOption option : options) {
            result = result.with(option);
        }
        return result;
    }

    private StartOptions with(StartOption option) {
        return switch (option) {
            case StartOption.Named(ServerRef wanted) ->
                    new StartOptions(wanted, initTimeout, hibernateAfter, debug);
            case StartOption.InitTimeout(var limit) -> {
                long nanos = TimeUnits.nanos("initTimeout", limit);
                yield new StartOptions(name, nanos, hibernateAfter, debug);
            }
            case StartOption.HibernateAfter(var idle) -> {
                long nanos = TimeUnits.nanos("hibernateAfter", idle);
                yield new StartOptions(name, initTimeout, nanos, debug);
            }
            case StartOption.Debug(List<DebugOption> more) -> {
                List<DebugOption> all = new ArrayList<>(debug);
                all.addAll(more);
                yield new StartOptions(name, initTimeout, hibernateAfter, all);
            }
        };
    }
}
