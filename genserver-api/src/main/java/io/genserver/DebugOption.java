package io.genserver;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// An observation of a server from its first message on, see [StartOption#debug]. [Sys] switches
/// the same observations on later. Source: the option `debug` of `gen_server:start_link/3`.
public sealed interface DebugOption {

    /// Logs every event, as [Sys#trace] does.
    ///
    /// @return the option
    static DebugOption trace() {
        return new Trace(true);
    }

    /// Keeps the last events, as [Sys#log(ProcessRef, int)] does.
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

    /// Appends every event to a file, as [Sys#logToFile] does. If the file cannot be opened, an
    /// error is logged and the server starts all the same.
    ///
    /// @param file the file
    /// @return the option
    static DebugOption logToFile(Path file) {
        return new LogToFile(file);
    }

    /// Counts messages, as [Sys#statistics] does.
    ///
    /// @return the option
    static DebugOption statistics() {
        return new Statistics(true);
    }

    /// Installs a function that sees every event, as [Sys#install] does.
    ///
    /// @param id the id for [Sys#remove]
    /// @param function the function
    /// @param data the data for the first event
    /// @param <D> the type of the data
    /// @return the option
    static <D> DebugOption install(Object id, Function<D> function, D data) {
        return new Install(id, function, data);
    }

    /// A function that sees every event of a server. Source: `sys:dbg_fun()`.
    ///
    /// @param <D> the data that it passes from one event to the next
    @FunctionalInterface
    interface Function<D> {

        /// Sees one event, in the process of the server. If it throws, it is removed and the error
        /// is logged; the server continues.
        ///
        /// @param data what it returned for the previous event, or the initial data
        /// @param event the event
        /// @param server the server
        /// @return the data for the next event, or null to be removed
        /// @throws Exception if it fails
        @Nullable D see(D data, SystemEvent event, Pid server) throws Exception;
    }

    /// The option of [DebugOption#trace].
    ///
    /// @param on whether to trace
    record Trace(boolean on) implements DebugOption {}

    /// The option of [DebugOption#log].
    ///
    /// @param events how many events to keep; 0 to keep none
    record Log(int events) implements DebugOption {}

    /// The option of [DebugOption#logToFile].
    ///
    /// @param file the file; null to end it
    record LogToFile(@Nullable Path file) implements DebugOption {}

    /// The option of [DebugOption#statistics].
    ///
    /// @param on whether to count
    record Statistics(boolean on) implements DebugOption {}

    /// The option of [DebugOption#install].
    ///
    /// @param id the id for [Sys#remove]
    /// @param function the function
    /// @param data the data for the first event
    record Install(Object id, Function<?> function, Object data) implements DebugOption {}
}
