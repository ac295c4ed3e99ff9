package io.genserver.spi;

import io.genserver.DebugOption;
import io.genserver.GenServer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// What [io.genserver.Sys] asks of a server.
public sealed interface SystemRequest {

    /// See [io.genserver.Sys#getState].
    record GetState() implements SystemRequest {}

    /// See [io.genserver.Sys#replaceState].
    ///
    /// @param function from the state to the new state
    record ReplaceState(UnaryOperator<Object> function) implements SystemRequest {}

    /// See [io.genserver.Sys#getStatus].
    record GetStatus() implements SystemRequest {}

    /// See [io.genserver.Sys#suspend].
    record Suspend() implements SystemRequest {}

    /// See [io.genserver.Sys#resume].
    record Resume() implements SystemRequest {}

    /// See [io.genserver.Sys#trace], [io.genserver.Sys#log], [io.genserver.Sys#logToFile],
    /// [io.genserver.Sys#statistics] and [io.genserver.Sys#install].
    ///
    /// @param option what to switch on or off
    record Debug(DebugOption option) implements SystemRequest {}

    /// See [io.genserver.Sys#getLog].
    record GetLog() implements SystemRequest {}

    /// See [io.genserver.Sys#getStatistics].
    record GetStatistics() implements SystemRequest {}

    /// See [io.genserver.Sys#remove].
    ///
    /// @param id what it was installed by
    record Remove(Object id) implements SystemRequest {}

    /// See [io.genserver.Sys#noDebug].
    record NoDebug() implements SystemRequest {}

    /// See [io.genserver.Sys#changeCode].
    ///
    /// @param code makes the new instance
    /// @param oldVersion the version the state was made by
    /// @param extra whatever codeChange gets besides
    record ChangeCode(
            Supplier<? extends GenServer<?, ?, ?, ?>> code, Object oldVersion, Object extra)
            implements SystemRequest {}
}
