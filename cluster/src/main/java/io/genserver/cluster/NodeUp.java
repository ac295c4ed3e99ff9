package io.genserver.cluster;

/// The message of [Cluster#monitorNodes] that a node is connected. It arrives before any message
/// from that node.
///
/// Source: `{:nodeup, node}`.
///
/// @param node the name of the node
public record NodeUp(String node) {}
