package io.genserver;

import java.util.Optional;

/// How [GenServer#startMonitor] went. Source: the result of `gen_server:start_monitor/4`.
///
/// @param start how the start went
/// @param monitor the monitor on the server; empty if it did not start
public record MonitoredStart(Start start, Optional<Ref> monitor) {

    /// The pid of a server that must have started.
    ///
    /// @return the pid
    /// @throws StartException if it did not start
    public Pid pid() {
        return start.pid();
    }

    /// The monitor on a server that must have started.
    ///
    /// @return the monitor
    /// @throws StartException if it did not start
    public Ref ref() {
        start.pid();
        return monitor.orElseThrow();
    }
}
