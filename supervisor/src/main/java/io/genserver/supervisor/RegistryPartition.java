package io.genserver.supervisor;

import static io.genserver.CastResult.noreply;

import io.genserver.CastResult;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.Init;
import io.genserver.Processes;

/// A process of a [ProcessRegistry], linked with those that are registered: it removes what the
/// dead had, and takes those that live along when it ends.
final class RegistryPartition
        implements TreeServer<RegistryPartition.Argument, RegistryTables<?, ?>> {

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
        if (!(message instanceof Exit(var pid, ExitReason _))) {
            return TreeServer.super.handleInfo(message, tables);
        }
        if (!Processes.isAlive(pid)) { // one that lives has only sent an exit signal
            tables.forget(pid);
        }
        return noreply(tables);
    }
}
