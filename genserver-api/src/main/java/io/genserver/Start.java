package io.genserver;

/// How starting a process went. Source: `GenServer.on_start/0`.
public sealed interface Start {

    /// The pid of a process that must have started, as `{:ok, pid} = ...` in Elixir.
    ///
    /// @return the pid
    /// @throws StartException if it did not start
    Pid pid();

    /// The process runs.
    ///
    /// @param pid its pid
    record Ok(Pid pid) implements Start {}

    /// The process decided not to run; that is no failure.
    record Ignore() implements Start {
        @Override
        public Pid pid() {
            throw new StartException("expected the process to start, but its init said ignore");
        }
    }

    /// The process did not start.
    ///
    /// @param reason why: what init said or threw, [ExitReason#TIMEOUT], or
    ///   [ExitReason.AlreadyStarted] if its name is taken
    record Failed(ExitReason reason) implements Start {
        @Override
        public Pid pid() {
            throw new StartException(reason);
        }
    }
}
