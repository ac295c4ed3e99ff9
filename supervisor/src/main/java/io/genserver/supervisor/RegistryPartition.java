package io.genserver.supervisor;

import static io.genserver.CastResult.noreply;

import io.genserver.CastResult;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.Init;
import io.genserver.Processes;
import io.genserver.spi.ProcessRuntime;

/// A process of a [ProcessRegistry] that is linked to registered processes. It removes the entries
/// of those that end. When it ends, the links end the others.
final class RegistryPartition
        implements TreeServer<RegistryPartition.Argument, RegistryTables<?, ?>> {

    /// The argument of `init`.
    record Argument(RegistryTables<?, ?> tables, int partition) {}

    @Override
    public Init<RegistryTables<?, ?>> init(Argument argument) {
        Processes.trapExits(true);
        argument.tables().started(argument.partition(), Processes.self());
        ProcessRuntime.get().publish(argument.tables());
        return Init.ok(argument.tables());
    }

    @Override
    public CastResult<RegistryTables<?, ?>> handleInfo(
            Object message, RegistryTables<?, ?> tables) {
        if (!(message instanceof Exit(var pid, ExitReason _))) {
            return TreeServer.super.handleInfo(message, tables);
        }
        if (!Processes.isAlive(pid)) { // a live process may have sent an exit signal
            tables.forget(pid);
        }
        return noreply(tables);
    }
}
