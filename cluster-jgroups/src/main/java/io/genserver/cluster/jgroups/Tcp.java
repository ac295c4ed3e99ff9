package io.genserver.cluster.jgroups;

import java.io.IOException;
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

    /// Whether there is a connection to an address. With TLS, the handshake is done then.
    boolean isConnectedTo(Address address) {
        return srv.hasConnection(address);
    }

    private static void end(Connection connection) {
        try {
            connection.close(false);
        } catch (IOException e) {
            LOG.debug("a connection did not close in order", e);
        }
    }
}
