package io.genserver.cluster;

/// Thrown where something may only be done by more than half of the nodes of a cluster, and fewer
/// are connected. See [ClusterOptions#withExpectedNodes].
public final class NoQuorumException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /// Makes an exception.
    ///
    /// @param what what may not be done, as it follows "in order to"
    public NoQuorumException(String what) {
        super("expected more than half of the cluster's nodes to be connected in order to " + what);
    }
}
