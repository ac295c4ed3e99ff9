package io.genserver.cluster.jgroups;

import io.genserver.cluster.engine.Member;
import org.jgroups.Address;

/// A member of the channel. JGroups makes a random address for each start.
record JGroupsMember(Address address) implements Member {

    @Override
    public String toString() {
        return address.toString(); // the name of the channel, if it is known by now: host:port
    }
}
