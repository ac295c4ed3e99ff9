package io.genserver.cluster;

/// The message of [Cluster#monitorNodes] that the connection to a node is lost. It arrives after
/// all messages from that node, and after the monitors and links to its processes have fired.
///
/// Source: `{:nodedown, node}`.
///
/// @param node the name of the node
public record NodeDown(String node) {}
