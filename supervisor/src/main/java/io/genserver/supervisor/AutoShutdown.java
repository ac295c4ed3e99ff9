package io.genserver.supervisor;

/// Whether a supervisor ends when significant children have ended by themselves. Source:
/// `:auto_shutdown` of a supervisor.
public enum AutoShutdown {
    /// It does not.
    NEVER,
    /// As soon as one has.
    ANY_SIGNIFICANT,
    /// When the last one has.
    ALL_SIGNIFICANT
}
