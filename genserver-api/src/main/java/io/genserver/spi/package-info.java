/// The seam a runtime plugs into. User code has no business here.
@NullMarked
package io.genserver.spi;

import org.jspecify.annotations.NullMarked;
