/// The interface between this API and a runtime. User code does not use it.
@NullMarked
package io.genserver.spi;

import org.jspecify.annotations.NullMarked;
