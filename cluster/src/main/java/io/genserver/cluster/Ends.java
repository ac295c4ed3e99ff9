package io.genserver.cluster;

import io.genserver.Caller;
import io.genserver.From;
import io.genserver.Pid;
import io.genserver.Ref;
import io.genserver.spi.distribution.Address;
import io.genserver.spi.distribution.Distribution;
import java.util.function.LongPredicate;

/// The two ends of a connection, seen from this one. Addresses that belong to one of them are
/// written without its name.
///
/// @param known whether the peer has the type with a fingerprint
record Ends(
        Distribution distribution,
        String self,
        long selfIncarnation,
        String peer,
        long peerIncarnation,
        LongPredicate known) {

    private static final int OF_SENDER = 0;
    private static final int OF_RECEIVER = 1;
    private static final int OF_OTHER = 2;

    void writePid(FrameWriter out, Pid pid) {
        writeAddress(out, distribution.address(pid));
    }

    Pid readPid(FrameReader in) throws FrameException {
        return distribution.pid(readAddress(in));
    }

    void writeRef(FrameWriter out, Ref ref) {
        writeAddress(out, distribution.address(ref));
    }

    Ref readRef(FrameReader in) throws FrameException {
        return distribution.ref(readAddress(in));
    }

    void writeCaller(FrameWriter out, Caller caller) {
        writeAddress(out, distribution.address(caller));
        out.write(caller.pid().isPresent() ? 1 : 0);
        caller.pid().ifPresent(pid -> writePid(out, pid));
    }

    From readCaller(FrameReader in) throws FrameException {
        Address address = readAddress(in);
        return distribution.from(address, in.readBoolean() ? readPid(in) : null);
    }

    private void writeAddress(FrameWriter out, Address address) {
        if (address.incarnation() == selfIncarnation && address.node().equals(self)) {
            out.write(OF_SENDER);
        } else if (address.incarnation() == peerIncarnation && address.node().equals(peer)) {
            out.write(OF_RECEIVER);
        } else {
            out.write(OF_OTHER);
            out.writeString(address.node());
            out.writeUnsigned(address.incarnation());
        }
        out.writeUnsigned(address.number());
    }

    private Address readAddress(FrameReader in) throws FrameException {
        int kind = in.readByte();
        String node =
                switch (kind) {
                    case OF_SENDER -> peer;
                    case OF_RECEIVER -> self;
                    case OF_OTHER -> in.readString();
                    default -> throw new FrameException("expected 0, 1 or 2, got: " + kind);
                };
        long incarnation =
                switch (kind) {
                    case OF_SENDER -> peerIncarnation;
                    case OF_RECEIVER -> selfIncarnation;
                    default -> in.readUnsigned();
                };
        Address address = new Address(node, incarnation, in.readUnsigned());
        if (node.isBlank() || incarnation < 0 || address.number() < 0) {
            throw new FrameException(
                    "expected an address with a name and positive numbers, got: " + address);
        }
        return address;
    }
}
