package io.genserver.runtime;

import io.genserver.spi.Reference;
import io.genserver.spi.distribution.Address;

/// A reference that another node has made, or one of this node that no longer means anything.
final class RemoteRef extends Reference {

    final Address address;

    RemoteRef(Address address) {
        super(address.number());
        this.address = address;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RemoteRef that && address.equals(that.address);
    }
}
