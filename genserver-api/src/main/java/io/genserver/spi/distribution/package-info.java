/// How a node talks to nodes of other JVMs. The runtime decides what is said: it makes [Signal]s
/// and handles those that arrive. A cluster decides how they travel: it connects nodes, encodes the
/// signals and keeps their order.
///
/// Source: the distribution protocol of Erlang.
@Experimental
@NullMarked
package io.genserver.spi.distribution;

import io.genserver.Experimental;
import org.jspecify.annotations.NullMarked;
