package io.genserver;

/// How a start ended. Source: `GenServer.on_start/0`.
public sealed interface Start {

    /// Returns the pid of the process, or throws if it did not start, like `{:ok, pid} = …` in
    /// Elixir.
    ///
    /// @return the pid
    /// @throws StartException if the process did not start
    Pid pid();

    /// The process runs.
    ///
    /// @param pid its pid
    record Ok(Pid pid) implements Start {}

    /// The process decided not to run. This is not a failure.
    record Ignore() implements Start {
        @Override
        public Pid pid() {
            throw new StartException("expected the process to start, but its init returned ignore");
        }
    }

    /// The process did not start.
    ///
    /// @param reason why: the reason or the throwable of `init`; [ExitReason.AlreadyStarted] if the
    ///   name is taken; [ExitReason#TIMEOUT] if the init timeout passed; [ExitReason#INTERRUPTED]
    ///   if the starting thread was interrupted; or the reason of an exit signal that ended the
    ///   process during `init`
    record Failed(ExitReason reason) implements Start {
        @Override
        public Pid pid() {
            throw new StartException(reason);
        }
    }
}
