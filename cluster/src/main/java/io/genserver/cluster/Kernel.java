package io.genserver.cluster;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ReplyTo;
import io.genserver.Start;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The server of each node that starts what other nodes ask for. Only what the node has listed can
/// be started.
///
/// Source: `net_kernel`.
final class Kernel
        implements GenServer<Map<String, Starter>, Map<String, Starter>, Kernel.Request, Object> {

    /// Its name on each node.
    static final String NAME = "net_kernel";

    /// Asks to start something.
    ///
    /// @param key the name under which the node has listed it
    /// @param argument its argument
    record Request(String key, Object argument) implements Call<Outcome> {}

    /// What has become of a start.
    sealed interface Outcome {
        /// It runs.
        record Started(Pid pid) implements Outcome {}

        /// The server ignored the start.
        record Ignored() implements Outcome {}

        /// It has failed.
        record Failed(ExitReason reason) implements Outcome {}
    }

    @Override
    public Init<Map<String, Starter>> init(Map<String, Starter> starters) {
        return Init.ok(starters);
    }

    @Override
    public CallResult<Map<String, Starter>> handleCall(
            Request request, From from, Map<String, Starter> starters) {
        ReplyTo<Outcome> caller = from.replyTo(request);
        Starter starter = starters.get(request.key());
        // A process of its own, because an init may take long.
        Processes.spawn(() -> GenServer.reply(caller, outcome(request, starter)));
        return CastResult.noreply(starters);
    }

    private static Outcome outcome(Request request, @Nullable Starter starter) {
        Start<?> start =
                starter == null
                        ? Starter.unknown(request.key())
                        : starter.start(request.argument());
        return switch (start) {
            case Start.Ok<?>(Pid pid) -> new Outcome.Started(pid);
            case Start.Ignore<?> _ -> new Outcome.Ignored();
            case Start.Failed<?>(ExitReason reason) -> new Outcome.Failed(reason);
        };
    }
}
