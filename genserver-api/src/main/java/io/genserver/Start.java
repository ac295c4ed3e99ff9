package io.genserver;

/// How a start ended. Source: `GenServer.on_start/0`.
///
/// @param <G> what was to start: a class that implements [GenServer], an [Agent], a supervisor
public sealed interface Start<G> {

    /// Returns the pid of the process, or throws if it did not start, like `{:ok, pid} = …` in
    /// Elixir.
    ///
    /// @return the pid
    /// @throws StartException if the process did not start
    Pid pid();

    /// Returns a typed reference to the server, or throws if it did not start.
    ///
    /// @return the reference, by its pid
    /// @throws StartException if the process did not start
    default Server<G> server() {
        return Server.of(pid());
    }

    /// Returns a typed reference to the server that was started or that has the name already. So a
    /// start under a name finds the server of the name, or starts it.
    ///
    /// The server that has the name may be ending. A call to it then fails with its exit reason or
    /// with `noproc`.
    ///
    /// Source: `{:ok, pid}` and `{:error, {:already_started, pid}}`.
    ///
    /// @return the reference, by its pid
    /// @throws StartException if the process did not start for another reason
    default Server<G> serverOrExisting() {
        return this instanceof Failed<G>(ExitReason.AlreadyStarted(Pid holder))
                ? Server.of(holder)
                : server();
    }

    /// The process runs.
    ///
    /// @param pid its pid
    /// @param <G> what runs
    record Ok<G>(Pid pid) implements Start<G> {}

    /// The process decided not to run. This is not a failure.
    ///
    /// @param <G> what was to start
    record Ignore<G>() implements Start<G> {
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
    /// @param <G> what was to start
    record Failed<G>(ExitReason reason) implements Start<G> {
        @Override
        public Pid pid() {
            throw new StartException(reason);
        }
    }
}
