package io.genserver.cluster.jgroups;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jgroups.Address;
import org.jgroups.PhysicalAddress;
import org.jgroups.blocks.cs.Connection;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.TCP;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The TCP of JGroups, which can also end a connection.
final class Tcp extends TCP {

    private static final Logger LOG = LoggerFactory.getLogger(JGroupsEngine.class);

    /// Where it connects to.
    private final Set<Address> connecting = ConcurrentHashMap.newKeySet();

    /// Who has been connected since the last call of [#watch].
    private volatile @Nullable Set<Address> reached;

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

    /// Notices from now on who listens.
    void watch() {
        Set<Address> now = ConcurrentHashMap.newKeySet();
        reached = now; // first, so that a connection that is made meanwhile is not missed
        srv.forAllConnections((to, _) -> now.add(to));
    }

    void endWatch() {
        reached = null;
    }

    /// Whether somebody has listened at an address since the last call of [#watch]: there was a
    /// connection, or a TLS handshake is under way. A port that accepts no connection is given up
    /// within 300 ms.
    ///
    /// There need not be a connection any more. Whenever the list of members changes, each member
    /// closes its connections to those who are not in it, also to one that has just asked it.
    boolean listens(Address address) {
        Set<Address> watched = reached;
        return connecting.contains(address) || (watched != null && watched.contains(address));
    }

    @Override
    public void connectionEstablished(Connection connection) {
        super.connectionEstablished(connection);
        Set<Address> watched = reached;
        if (watched != null) {
            watched.add(connection.peerAddress());
        }
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
