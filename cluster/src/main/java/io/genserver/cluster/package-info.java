/// Processes of several nodes as one system.
///
/// [io.genserver.cluster.Cluster] makes a node part of a cluster. From then on pids, names, links,
/// monitors and calls work across nodes. On top of that there are groups
/// ([io.genserver.cluster.ProcessGroups]), names that belong to one process of the cluster
/// ([io.genserver.cluster.Global]), a child that runs once
/// ([io.genserver.cluster.ClusterSingleton]), servers by key that are spread over the nodes
/// ([io.genserver.cluster.DistributedSupervisor]), and the interfaces of maps that survive the loss
/// of a node ([io.genserver.cluster.ReplicatedMaps]).
///
/// ## Rooms
///
/// A class knows only its own room and the rooms below it.
///
/// ```
/// face       Cluster, ClusterOptions, ClusterMember; NodeUp, NodeDown
///   |        ProcessGroups, GroupsServer, GroupTable
///   |        Global, GlobalRegistrar, GlobalNames, GlobalTable, NameConflictResolver
///   |        ClusterSingleton; DistributedSupervisor, Placement, Move, PlacementTable
///   |        ReplicatedMaps, ReplicatedMap; NoQuorumException, ReplicationException
///   |        Kernel, Starter, Portion
///   v
/// sessions   ClusterNode, Session, Packet, Packets, Cookies
///   |        Lane, Link
///   v
/// wire       Signals, Ends, FrameWriter, FrameReader, FrameException, Varint
///   |        PayloadTypes, Payloads, PayloadWriter, PayloadReader
///   |        TypeTable, PayloadType, Direct
///   |        Codec <- RecordCodec, CollectionCodec, OpenCodec, ValueCodecs, …
///   v
/// engine     io.genserver.cluster.engine; io.genserver.cluster.memory is one for tests
/// ```
///
/// What the signals mean is decided by the runtime, see [io.genserver.spi.distribution].
@NullMarked
package io.genserver.cluster;

import org.jspecify.annotations.NullMarked;
