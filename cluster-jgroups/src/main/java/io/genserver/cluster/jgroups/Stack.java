package io.genserver.cluster.jgroups;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jgroups.JChannel;
import org.jgroups.PhysicalAddress;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.PerDestinationBundler;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.IpAddress;
import org.jgroups.stack.Protocol;

/// The protocols of the channel. docs/decisions/cluster-jgroups.md says why these.
final class Stack {

    private static final int FRAGMENT = 60_000;

    /// Nothing in the stack sends more at a time: a fragment, or a bundle of up to 64 000 bytes.
    private static final int LONGEST = 128 << 10;

    /// Twice the number of frames that fit into the window of a lane. A bundler that is full drops
    /// messages, and it takes half a second until they are sent again.
    private static final int BUNDLER_QUEUE = (int) (2 * Lane.WINDOW / Lane.OVERHEAD);

    private Stack() {}

    /// Makes a channel that has not been connected. Resolves the names of hosts, which may block.
    static JChannel channel(JGroupsOptions options, InetSocketAddress self) throws Exception {
        List<Protocol> protocols = new ArrayList<>();
        protocols.add(tcp(options, self));
        if (options.replication().isPresent()) {
            protocols.add(new Seal(options.replication().get().secret()));
        }
        protocols.add(discovery(options, self));
        protocols.addAll(failureDetection(options));
        protocols.addAll(delivery(options));
        JChannel channel = new JChannel(protocols);
        channel.setName(options.address().toString());
        return channel;
    }

    private static Tcp tcp(JGroupsOptions options, InetSocketAddress self) throws Exception {
        Tcp tcp = new Tcp();
        tcp.setBindAddr(self.getAddress()).setBindPort(self.getPort()).setPortRange(0);
        tcp.setClientBindAddr(self.getAddress());
        tcp.tcpNodelay(true)
                .setSockConnTimeout(300)
                .setMaxLength(LONGEST)
                .enableSuspectEvents(true)
                .logDetails(false);
        tcp.useVirtualThreads(true);
        tcp.setDiagnosticsHandler(tcp.createDiagnosticsHandler().setEnabled(false));
        PerDestinationBundler bundler = new PerDestinationBundler();
        bundler.setCapacity(BUNDLER_QUEUE);
        bundler.useSingleSenderThread(false);
        tcp.setBundler(bundler);
        if (options.tls().isPresent()) {
            tcp.setSocketFactory(new TlsSockets(options.tls().get().context()));
        }
        return tcp;
    }

    private static Discovery discovery(JGroupsOptions options, InetSocketAddress self)
            throws IOException {
        List<PhysicalAddress> hosts = new ArrayList<>();
        hosts.add(new IpAddress(self));
        for (HostPort seed : options.seeds()) {
            hosts.add(new IpAddress(seed.resolve()));
        }
        Discovery discovery = new Discovery();
        discovery.setInitialHosts2(hosts).setPortRange(0);
        // A seed also tells where the coordinator is. Without that, a node whose seed is another
        // member begins alone, and is only merged with the others later.
        discovery.returnEntireCache(true);
        return discovery;
    }

    private static List<Protocol> failureDetection(JGroupsOptions options) {
        return List.of(
                new MERGE3().setMinInterval(2_000).setMaxInterval(5_000),
                new FD_ALL3()
                        .setTimeout(options.silence().toMillis())
                        .setInterval(options.heartbeat().toMillis()),
                new Verify().setTimeout(500));
    }

    private static List<Protocol> delivery(JGroupsOptions options) {
        NAKACK2 views = new NAKACK2();
        views.useMcastXmit(false);
        views.logDiscardMessages(false); // of nodes that are cut off, and not yet merged
        return List.of(
                views,
                new UNICAST3(),
                new STABLE(),
                new GMS().printLocalAddress(false).setJoinTimeout(answerMillis(options)),
                new FRAG4().setFragSize(FRAGMENT));
    }

    /// How long to wait for seeds, and then for the member that lets this node in. A node whose
    /// seeds do not listen begins alone after it, and is merged with the others later.
    private static long answerMillis(JGroupsOptions options) {
        return options.seeds().isEmpty() ? 1 : 2_000;
    }
}
