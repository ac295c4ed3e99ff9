/// What carries the bytes of a cluster: an engine finds the other nodes, notices when they are
/// gone, and moves frames between them. Nothing here knows processes.
@NullMarked
package io.genserver.cluster.engine;

import org.jspecify.annotations.NullMarked;
