package io.genserver;

import java.util.Optional;

/// The result of [GenServer#startMonitor]. Source: the result of `gen_server:start_monitor/4`.
///
/// @param start how the start ended
/// @param monitor the monitor on the server; empty if it did not start
/// @param <G> what was to start
public record MonitoredStart<G>(Start<G> start, Optional<Ref> monitor) {

    /// Returns the pid of the server, or throws if it did not start.
    ///
    /// @return the pid
    /// @throws StartException if the server did not start
    public Pid pid() {
        return start.pid();
    }

    /// Returns a typed reference to the server, or throws if it did not start.
    ///
    /// @return the reference, by its pid
    /// @throws StartException if the server did not start
    public Server<G> server() {
        return start.server();
    }

    /// Returns the monitor on the server, or throws if it did not start.
    ///
    /// @return the monitor
    /// @throws StartException if the server did not start
    public Ref ref() {
        start.pid();
        return monitor.orElseThrow();
    }
}
