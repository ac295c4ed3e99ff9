/// An engine for clusters on JGroups, over TCP, with TLS 1.3 between machines.
@NullMarked
package io.genserver.cluster.jgroups;

import org.jspecify.annotations.NullMarked;
