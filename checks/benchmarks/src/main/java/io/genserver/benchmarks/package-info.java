/// The same work done with this library, with its peers and with what people write today.
///
/// `Bench` starts one JVM for each operation and contestant; `One` is what runs in it.
@NullMarked
package io.genserver.benchmarks;

import org.jspecify.annotations.NullMarked;
