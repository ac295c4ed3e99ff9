/// The interface between this API and a runtime, clusters and monitoring. Most programs do not use
/// it.
@Experimental
@NullMarked
package io.genserver.spi;

import io.genserver.Experimental;
import org.jspecify.annotations.NullMarked;
