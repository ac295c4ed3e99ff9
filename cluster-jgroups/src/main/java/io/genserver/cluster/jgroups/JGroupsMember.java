package io.genserver.cluster.jgroups;

import io.genserver.cluster.engine.Member;
import org.jgroups.Address;
import org.jgroups.util.NameCache;

/// A member of the channel. JGroups makes a random address for each start.
record JGroupsMember(Address address) implements Member {

    @Override
    public String toString() {
        String name = NameCache.get(address); // of the channel: host:port
        return name == null ? address.toString() : name;
    }
}
