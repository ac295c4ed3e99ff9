package io.genserver.cluster.infinispan;

import java.util.List;
import javax.sql.DataSource;
import org.infinispan.remoting.transport.jgroups.JGroupsChannelConfigurator;
import org.jgroups.JChannel;
import org.jgroups.conf.ProtocolConfiguration;
import org.jgroups.fork.ForkChannel;
import org.jgroups.util.SocketFactory;

/// Infinispan's part of the engine's channel. Without it Infinispan would open a channel of its
/// own, which listens at all addresses.
final class GridChannel extends ForkChannel {

    private static final String NAME = "infinispan";

    private final Early early;

    private GridChannel(JChannel channel, Early early) throws Exception {
        super(channel, NAME, NAME);
        this.early = early;
    }

    /// Prepares a channel that is not connected yet.
    static GridChannel of(JChannel channel) throws Exception {
        Early early = new Early();
        Fork fork = new Fork();
        fork.setUnknownForkHandler(early);
        channel.getProtocolStack().addProtocol(fork);
        return new GridChannel(channel, early);
    }

    @Override
    public ForkChannel connect(String cluster) throws Exception {
        super.connect(cluster);
        early.passOn(this::up);
        return this;
    }

    @Override
    public void close() {
        early.drop();
        super.close();
    }

    /// Returns what leads Infinispan to this channel.
    JGroupsChannelConfigurator configurator() {
        return new Configurator(this);
    }

    private record Configurator(GridChannel channel) implements JGroupsChannelConfigurator {

        @Override
        public String getName() {
            return NAME;
        }

        @Override
        public JChannel createChannel(String name) {
            return channel;
        }

        @Override
        public void setSocketFactory(SocketFactory factory) {
            throw new UnsupportedOperationException("the engine opens the sockets");
        }

        @Override
        public void setDataSource(DataSource source) {
            throw new UnsupportedOperationException("the engine finds the members");
        }

        @Override
        public String getProtocolStackString() {
            return "";
        }

        @Override
        public List<ProtocolConfiguration> getProtocolStack() {
            return List.of();
        }
    }
}
