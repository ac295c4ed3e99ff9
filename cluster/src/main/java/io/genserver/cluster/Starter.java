package io.genserver.cluster;

import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Start;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// What other nodes may start on this one. The types of the arguments are checked by the code that
/// gets them, because the wire does not know them.
@SuppressWarnings("unchecked")
sealed interface Starter {

    /// Starts the process.
    Start<?> start(Object argument);

    /// A server.
    record OfServer(Supplier<? extends GenServer<?, ?, ?, ?>> server) implements Starter {
        @Override
        public Start<?> start(Object argument) {
            return GenServer.start((Supplier<GenServer<Object, ?, ?, ?>>) server, argument);
        }
    }

    /// A function that runs in a process of its own.
    record OfFunction(Consumer<?> function) implements Starter {
        @Override
        public Start<?> start(Object argument) {
            Consumer<Object> body = (Consumer<Object>) function;
            Pid pid = Processes.spawn(() -> body.accept(argument));
            return new Start.Ok<>(pid);
        }
    }

    /// Returns the outcome of a start that cannot be tried.
    static Start<?> unknown(String key) {
        return new Start.Failed<>(ExitReason.of("the node lets nobody start \"" + key + "\""));
    }
}
