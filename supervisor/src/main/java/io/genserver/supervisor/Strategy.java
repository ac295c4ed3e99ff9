package io.genserver.supervisor;

/// Which children are restarted when one has to be. Source: `:strategy` of a supervisor.
public enum Strategy {
    /// That one only.
    ONE_FOR_ONE,
    /// All: the others are stopped in reverse order of start, then all are started in order.
    ONE_FOR_ALL,
    /// That one and those started after it, which are stopped in reverse order first.
    REST_FOR_ONE
}
