package io.genserver.supervisor;

/// How many children a supervisor has. Source: `Supervisor.count_children/1`.
///
/// @param specs all it knows of, running or not
/// @param active those whose process lives
/// @param supervisors those that are supervisors, running or not
/// @param workers those that are not, running or not
public record ChildCount(int specs, int active, int supervisors, int workers) {}
