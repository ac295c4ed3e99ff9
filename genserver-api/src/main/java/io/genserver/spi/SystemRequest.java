package io.genserver.spi;

import io.genserver.DebugOption;
import io.genserver.GenServer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// A request of [io.genserver.Sys] to a server.
public sealed interface SystemRequest {

    /// See [io.genserver.Sys#getState(ServerRef)].
    record GetState() implements SystemRequest {}

    /// See [io.genserver.Sys#replaceState(ServerRef, UnaryOperator)].
    ///
    /// @param function makes the new state from the old one
    record ReplaceState(UnaryOperator<Object> function) implements SystemRequest {}

    /// See [io.genserver.Sys#getStatus(ServerRef)].
    record GetStatus() implements SystemRequest {}

    /// See [io.genserver.Sys#suspend(ServerRef)].
    record Suspend() implements SystemRequest {}

    /// See [io.genserver.Sys#resume(ServerRef)].
    record Resume() implements SystemRequest {}

    /// See [io.genserver.Sys#trace], [io.genserver.Sys#log(ServerRef, int)],
    /// [io.genserver.Sys#logToFile], [io.genserver.Sys#statistics] and [io.genserver.Sys#install].
    ///
    /// @param option what to switch on or off
    record Debug(DebugOption option) implements SystemRequest {}

    /// See [io.genserver.Sys#getLog].
    record GetLog() implements SystemRequest {}

    /// See [io.genserver.Sys#getStatistics].
    record GetStatistics() implements SystemRequest {}

    /// See [io.genserver.Sys#remove].
    ///
    /// @param id the id given to [io.genserver.Sys#install]
    record Remove(Object id) implements SystemRequest {}

    /// See [io.genserver.Sys#noDebug].
    record NoDebug() implements SystemRequest {}

    /// See [io.genserver.Sys#changeCode].
    ///
    /// @param code makes the new instance
    /// @param oldVersion the version that made the state
    /// @param extra any further value for [GenServer#codeChange]
    record ChangeCode(
            Supplier<? extends GenServer<?, ?, ?, ?>> code, Object oldVersion, Object extra)
            implements SystemRequest {}
}
