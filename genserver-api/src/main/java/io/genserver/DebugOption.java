package io.genserver;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A look into a server from its start on, see [StartOption#debug]; the same can be switched on
/// later with [Sys]. Source: the option `debug` of `gen_server:start_link/3`.
public sealed interface DebugOption {

    /// See [Sys#trace].
    ///
    /// @return the option
    static DebugOption trace() {
        return new Trace(true);
    }

    /// See [Sys#log].
    ///
    /// @param events how many events to keep, 1 or more
    /// @return the option
    /// @throws IllegalArgumentException if the number is less than 1
    static DebugOption log(int events) {
        if (events < 1) {
            throw new IllegalArgumentException("expected a log of 1 event or more, got: " + events);
        }
        return new Log(events);
    }

    /// See [Sys#logToFile].
    ///
    /// @param file the file
    /// @return the option
    static DebugOption logToFile(Path file) {
        return new LogToFile(file);
    }

    /// See [Sys#statistics].
    ///
    /// @return the option
    static DebugOption statistics() {
        return new Statistics(true);
    }

    /// See [Sys#install].
    ///
    /// @param id what to remove the function by
    /// @param function the function
    /// @param data what the function gets with the first event
    /// @param <D> the type of the data
    /// @return the option
    static <D> DebugOption install(Object id, Function<D> function, D data) {
        return new Install(id, function, data);
    }

    /// A function that sees every event of a server. Source: `sys:dbg_fun()`.
    ///
    /// @param <D> what it keeps from one event to the next
    @FunctionalInterface
    interface Function<D> {

        /// Sees an event, in the server's process. What it throws removes it and hurts nobody.
        ///
        /// @param data what it returned for the event before
        /// @param event the event
        /// @param server the server
        /// @return what it is given with the next event, or null to be removed
        /// @throws Exception if it fails; it is removed
        @Nullable D see(D data, SystemEvent event, Pid server) throws Exception;
    }

    /// See [DebugOption#trace].
    ///
    /// @param on whether to trace
    record Trace(boolean on) implements DebugOption {}

    /// See [DebugOption#log].
    ///
    /// @param events how many events to keep, 0 for no log
    record Log(int events) implements DebugOption {}

    /// See [DebugOption#logToFile].
    ///
    /// @param file the file, or null to end it
    record LogToFile(@Nullable Path file) implements DebugOption {}

    /// See [DebugOption#statistics].
    ///
    /// @param on whether to count
    record Statistics(boolean on) implements DebugOption {}

    /// See [DebugOption#install].
    ///
    /// @param id what to remove it by
    /// @param function the function
    /// @param data what it gets with the first event
    record Install(Object id, Function<?> function, Object data) implements DebugOption {}
}
