package io.genserver.supervisor;

import static io.genserver.CastResult.noreply;

import io.genserver.CastResult;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Processes;

/// A process of a [ProcessRegistry], linked with those that are registered: it removes what the
/// dead had, and takes those that live along when it ends.
final class RegistryPartition
        implements GenServer<RegistryPartition.Argument, RegistryTables<?, ?>, Object, Object> {

    /// The argument of init.
    record Argument(RegistryTables<?, ?> tables, int partition) {}

    @Override
    public Init<RegistryTables<?, ?>> init(Argument argument) {
        Processes.trapExits(true);
        argument.tables().started(argument.partition(), Processes.self());
        return Init.ok(argument.tables());
    }

    @Override
    public CastResult<RegistryTables<?, ?>> handleInfo(
            Object message, RegistryTables<?, ?> tables) {
        switch (message) {
            case Exit(var pid, ExitReason _) when Processes.isAlive(pid) -> {} // it only sent it
            case Exit(var pid, ExitReason _) -> tables.forget(pid);
            default -> Reports.unexpected(message);
        }
        return noreply(tables);
    }
}
