package io.genserver.cluster.jgroups;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jgroups.Address;
import org.jgroups.PhysicalAddress;
import org.jgroups.blocks.cs.Connection;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.TCP;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The TCP of JGroups, which can also end a connection.
final class Tcp extends TCP {

    private static final Logger LOG = LoggerFactory.getLogger(JGroupsEngine.class);

    /// Where it connects to.
    private final Set<Address> connecting = ConcurrentHashMap.newKeySet();

    Tcp() {
        setId(ClassConfigurator.getProtocolId(TCP.class)); // headers carry it
    }

    /// Ends the connection to a member without a word to it, because nothing comes through. The
    /// next message makes another one.
    void disconnect(Address member) {
        PhysicalAddress address = getPhysicalAddressFromCache(member);
        srv.forAllConnections((to, connection) -> {
            if (to.equals(address)) {
                end(connection);
            }
        });
    }

    /// Whether somebody listens at an address to which something has been sent: there is a
    /// connection, or a TLS handshake is under way. A port that accepts no connection is given up
    /// within 300 ms.
    boolean listens(Address address) {
        return srv.hasConnection(address) || connecting.contains(address);
    }

    /// Called by the bundler, on a thread for each address.
    @Override
    public void send(Address to, byte[] data, int offset, int length) throws Exception {
        if (srv.hasConnection(to)) {
            super.send(to, data, offset, length);
            return;
        }
        connecting.add(to);
        try {
            super.send(to, data, offset, length);
        } finally {
            connecting.remove(to);
        }
    }

    private static void end(Connection connection) {
        try {
            connection.close(false);
        } catch (IOException e) {
            LOG.debug("a connection did not close in order", e);
        }
    }
}
