package io.genserver.spi;

import io.genserver.DebugOption;
import io.genserver.GenServer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// What [Sys] asks of a server.
public sealed interface SystemRequest {

    /// See [Sys#getState].
    record GetState() implements SystemRequest {}

    /// See [Sys#replaceState].
    ///
    /// @param function from the state to the new state
    record ReplaceState(UnaryOperator<Object> function) implements SystemRequest {}

    /// See [Sys#getStatus].
    record GetStatus() implements SystemRequest {}

    /// See [Sys#suspend].
    record Suspend() implements SystemRequest {}

    /// See [Sys#resume].
    record Resume() implements SystemRequest {}

    /// See [Sys#trace], [Sys#log], [Sys#logToFile], [Sys#statistics] and [Sys#install].
    ///
    /// @param option what to switch on or off
    record Debug(DebugOption option) implements SystemRequest {}

    /// See [Sys#getLog].
    record GetLog() implements SystemRequest {}

    /// See [Sys#getStatistics].
    record GetStatistics() implements SystemRequest {}

    /// See [Sys#remove].
    ///
    /// @param id what it was installed by
    record Remove(Object id) implements SystemRequest {}

    /// See [Sys#noDebug].
    record NoDebug() implements SystemRequest {}

    /// See [Sys#changeCode].
    ///
    /// @param code makes the new instance
    /// @param oldVersion the version the state was made by
    /// @param extra whatever codeChange gets besides
    record ChangeCode(
            Supplier<? extends GenServer<?, ?, ?, ?>> code, Object oldVersion, Object extra)
            implements SystemRequest {}
}
