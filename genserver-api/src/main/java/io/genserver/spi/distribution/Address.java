package io.genserver.spi.distribution;

/// Where a pid, a reference or a caller comes from. This is what crosses the wire.
///
/// @param node the name of the node
/// @param incarnation the number of that node's start, see [io.genserver.Pid#incarnation]
/// @param number what tells it from the others of its kind on that node, 0 or more
public record Address(String node, long incarnation, long number) {}
