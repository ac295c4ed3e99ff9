package io.genserver.cluster;

import io.genserver.Experimental;
import java.util.Optional;

/// Maps that several nodes keep, so that their entries outlive the loss of one.
///
/// ```java
/// ReplicatedMap cart = maps.open(customer).orElseGet(() -> maps.create(customer));
/// cart.put("eggs", bytes); // returns when two nodes have it
/// ```
///
/// A map has one writer at a time: the process that has opened it last. Typically this is a server
/// of a [DistributedSupervisor] that opens the map of its key in `init`. When its node is lost, the
/// server starts elsewhere, opens the map, and goes on.
///
/// ## What is promised
///
/// - When a write returns, as many nodes have it as the map has copies, unless fewer run. A write
///   that has returned survives the loss of one node less than that, and who opens the map
///   afterwards sees it.
/// - A write that fails may have been made. After that the writer has to open the map again.
/// - When a process opens the map, the writer before it cannot write any more. This also holds for
///   a writer that was paused or cut off. Its next write fails and changes nothing, and a write of
///   it that arrives late brings nothing back that the new writer has removed.
/// - If several processes open a map at the same time, one of them can write. The others get a
///   [ReplicationException] when they open it or when they write.
/// - In a partition, nodes that see half of the nodes or fewer cannot open, read or write, if they
///   know how many there should be, see [ClusterOptions#withExpectedNodes]. Otherwise both sides go
///   on, and when they meet, each entry has the value of the larger side.
///
/// All methods block, for 4 s at most for each question to another node that does not answer. A
/// write asks two or three times, an opening twice, and three times for each KiB of keys. Any
/// thread may use this object.
@Experimental
public interface ReplicatedMaps {

    /// Opens a map. Loads its entries.
    ///
    /// @param name the name of the map
    /// @return the map; empty if there is none of this name
    /// @throws NoQuorumException if this side of a partition may not
    /// @throws ReplicationException if it did not work in time, or if another process has opened
    ///   the map at the same time
    Optional<ReplicatedMap> open(String name);

    /// Creates a map. If there is one of this name, opens it.
    ///
    /// @param name the name of the map
    /// @return the map
    /// @throws NoQuorumException if this side of a partition may not
    /// @throws ReplicationException if it did not work in time, or if another process has opened
    ///   the map at the same time; the map may have been created
    ReplicatedMap create(String name);
}
