/// The interface between this API and a runtime. User code does not use it.
@Experimental
@NullMarked
package io.genserver.spi;

import io.genserver.Experimental;
import org.jspecify.annotations.NullMarked;
