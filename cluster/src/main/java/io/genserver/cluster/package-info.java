/// Nodes of several JVMs as one system. Start with [io.genserver.cluster.PayloadTypes]: it lists
/// what may cross.
@NullMarked
package io.genserver.cluster;

import org.jspecify.annotations.NullMarked;
