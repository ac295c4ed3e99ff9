package io.genserver.supervisor;

/// How many children a supervisor has. Source: `Supervisor.count_children/1`.
///
/// @param specs all children it knows, whether they run or not
/// @param active the children that run; a dynamic supervisor counts a child until it has handled
///   the child's exit
/// @param supervisors the children that are supervisors, whether they run or not
/// @param workers the children that are not supervisors, whether they run or not
public record ChildCount(int specs, int active, int supervisors, int workers) {}
