package io.genserver.benchmarks;

import static io.genserver.CastResult.noreply;

import io.genserver.CastResult;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import java.util.concurrent.atomic.LongAdder;

/// A server whose turns block in a socket.
final class BlockingServer
        implements GenServer<SlowPeer.Wire, SlowPeer.Wire, Object, BlockingServer.Command> {

    sealed interface Command {}

    /// Casts to another server, blocks, and tells the process that it has finished.
    record Block(Pid other, Samples latencies, Pid process) implements Command {}

    /// Blocks again and again.
    ///
    /// @param turns counts the turns
    record Loop(LongAdder turns) implements Command {}

    /// The message of [Block] to the process.
    record Done() {}

    private static final Done DONE = new Done();

    @Override
    public Init<SlowPeer.Wire> init(SlowPeer.Wire wire) {
        return Init.ok(wire);
    }

    @Override
    public CastResult<SlowPeer.Wire> handleCast(Command command, SlowPeer.Wire wire) {
        switch (command) {
            case Block(Pid other, Samples latencies, Pid process) -> {
                GenServer.cast(other, new NotingServer.Sent(System.nanoTime(), latencies));
                wire.block();
                Processes.send(process, DONE);
            }
            case Loop loop -> {
                wire.block();
                loop.turns().increment();
                GenServer.cast(Processes.self(), loop);
            }
        }
        return noreply(wire);
    }
}
