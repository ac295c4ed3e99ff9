/// Benchmarks that do the same work with this library, with its peers and with plain Java.
///
/// `Bench` starts one JVM for each operation and contestant. `One` is the main class of that JVM.
@NullMarked
package io.genserver.benchmarks;

import org.jspecify.annotations.NullMarked;
