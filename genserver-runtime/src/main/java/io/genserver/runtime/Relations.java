package io.genserver.runtime;

/// The links and monitors of one process, each in the order in which they were added. Guarded by
/// the process.
final class Relations {

    final Few<LifeCycle> links = new Few<>();

    /// The monitors it has set.
    final Few<Monitor> monitoring = new Few<>();

    /// The monitors that others have set on it.
    final Few<Monitor> monitoredBy = new Few<>();
}
