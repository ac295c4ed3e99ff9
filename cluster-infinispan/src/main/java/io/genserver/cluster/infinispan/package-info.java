/// Replicated maps on Infinispan, on the channel of a [io.genserver.cluster.jgroups.JGroupsEngine].
@NullMarked
package io.genserver.cluster.infinispan;

import org.jspecify.annotations.NullMarked;
