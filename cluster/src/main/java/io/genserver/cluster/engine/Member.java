package io.genserver.cluster.engine;

/// One start of an engine somewhere: another node as the engine knows it. Two starts are never
/// equal, also if they have the same name and network address.
///
/// Implementations have `equals`, `hashCode` and a `toString` for people.
public interface Member {}
