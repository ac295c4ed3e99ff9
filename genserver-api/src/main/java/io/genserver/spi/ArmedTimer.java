package io.genserver.spi;

/// A timer of a node that has not fired yet.
///
/// @param due when it fires; units: ns of the node's clock
/// @param what what happens then, for people
public record ArmedTimer(long due, String what) {}
