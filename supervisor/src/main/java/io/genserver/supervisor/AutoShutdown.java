package io.genserver.supervisor;

/// Whether a supervisor exits with `shutdown` when significant children have ended and are not
/// restarted. A child that the supervisor was told to stop does not count. Source: `:auto_shutdown`
/// of a supervisor.
public enum AutoShutdown {
    /// The supervisor does not exit.
    NEVER,
    /// The supervisor exits when one significant child has ended.
    ANY_SIGNIFICANT,
    /// The supervisor exits when a significant child has ended and no other significant child runs
    /// or waits for a restart.
    ALL_SIGNIFICANT
}
