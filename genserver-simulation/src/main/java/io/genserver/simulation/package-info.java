/// Simulation: the real runtime under a scheduler that decides which process goes on, with a clock
/// that jumps when all wait. Start reading at [io.genserver.simulation.Simulation].
@NullMarked
package io.genserver.simulation;

import org.jspecify.annotations.NullMarked;
