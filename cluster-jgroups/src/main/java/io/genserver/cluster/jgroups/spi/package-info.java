/// For what keeps replicated maps on the channel of an engine. Programs do not use it.
@NullMarked
package io.genserver.cluster.jgroups.spi;

import org.jspecify.annotations.NullMarked;
