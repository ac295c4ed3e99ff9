package io.genserver.cluster.jgroups;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jgroups.Address;
import org.jgroups.Message;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.TCPPING;
import org.jgroups.util.Responses;

/// Asks the seeds for the members, and waits longer for a seed that listens but is slow to answer.
///
/// JGroups asks once, and a node that gets no answer in time begins alone. Its seed may only be
/// busy. So this asks again as long as a seed accepts connections.
final class Discovery extends TCPPING {

    private static final int QUESTIONS = 5;

    private final AtomicInteger connecting = new AtomicInteger();

    Discovery() {
        setId(ClassConfigurator.getProtocolId(TCPPING.class)); // headers carry it
    }

    /// Returns at once if nobody waits for the answers, as when JGroups looks for lost members.
    ///
    /// @param timeout how many milliseconds each question waits for answers. JGroups itself waits
    ///   for those to the last one
    @Override
    public Responses findMembers(
            List<Address> members, boolean initial, boolean async, long timeout) {
        Responses answers = super.findMembers(members, initial, async, timeout);
        for (int asked = 1; initial && asked < QUESTIONS; asked++) {
            answers.waitFor(timeout);
            if (!answers.isEmpty() || !seedListens()) {
                break;
            }
            findMembers(members, true, answers);
        }
        return answers;
    }

    /// Whether a seed has accepted a connection. A seed that does not even accept one is given up
    /// long before this is asked, so one that still connects is in the middle of a TLS handshake.
    private boolean seedListens() {
        Tcp tcp = (Tcp) getTransport();
        return connecting.get() > 0 || getInitialHosts().stream().anyMatch(tcp::isConnectedTo);
    }

    @Override
    protected void sendDiscoveryRequest(Message request) {
        connecting.incrementAndGet();
        try {
            super.sendDiscoveryRequest(request);
        } finally {
            connecting.decrementAndGet();
        }
    }
}
