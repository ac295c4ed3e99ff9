package io.genserver.supervisor;

/// Which children are restarted when one child needs a restart. Source: `:strategy` of a
/// supervisor.
public enum Strategy {
    /// Only that child.
    ONE_FOR_ONE,
    /// All children. The other children are stopped in reverse order of start, then all are started
    /// in order.
    ONE_FOR_ALL,
    /// That child and the children started after it. Those are stopped in reverse order of start,
    /// then all of these children are started in order.
    REST_FOR_ONE
}
