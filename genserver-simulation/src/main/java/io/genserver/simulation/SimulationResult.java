package io.genserver.simulation;

/// What a simulation has done that has found no failure.
///
/// @param runs how many runs there were, also those of remembered tokens
/// @param steps how many steps they had in all
/// @param fingerprint a number that depends on each step of each run: two JVMs that have done the
///   same number of runs of the same simulation get the same number, unless the code under test
///   differs from run to run
public record SimulationResult(int runs, long steps, long fingerprint) {}
