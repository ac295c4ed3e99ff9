/// Engines that connect nodes of one JVM, for tests: connections break, frames are late, and nodes
/// are paused when a test says so.
@NullMarked
package io.genserver.cluster.memory;

import org.jspecify.annotations.NullMarked;
