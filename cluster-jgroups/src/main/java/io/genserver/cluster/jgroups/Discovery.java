package io.genserver.cluster.jgroups;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jgroups.Address;
import org.jgroups.PhysicalAddress;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.PingData;
import org.jgroups.protocols.TCPPING;
import org.jgroups.util.Responses;

/// Asks the seeds for the members, and waits longer for a seed that listens but is slow to answer.
///
/// JGroups asks once. A node that gets no answer in time begins alone. So may a node that gets
/// answers only from others that are starting as well. But the seed that is silent may be busy, and
/// be the one with the cluster. So this asks again until a coordinator is known or until each seed
/// that accepts connections has answered.
///
/// A question can also be lost. Whenever the list of members changes, each member closes its
/// connections to all who are not on the list, even to a node that has just asked. So this asks
/// several times before it looks at who has answered.
final class Discovery extends TCPPING {

    private static final int ROUNDS = 5;
    private static final int QUESTIONS = 4; // in each round

    /// Who has answered. JGroups' responses also have those that have asked this node, and a
    /// coordinator that asks does not say that it is one.
    private final Set<PhysicalAddress> answered = ConcurrentHashMap.newKeySet();

    Discovery() {
        setId(ClassConfigurator.getProtocolId(TCPPING.class)); // headers carry it
    }

    /// Returns at once if nobody waits for the answers, as when JGroups looks for lost members.
    ///
    /// @param timeout how many milliseconds each round waits for answers. In the last round JGroups
    ///   waits, after a single question
    @Override
    public Responses findMembers(
            List<Address> members, boolean initial, boolean async, long timeout) {
        if (initial) {
            answered.clear();
        }
        Responses answers = super.findMembers(members, initial, async, timeout);
        for (int asked = 1; initial && asked <= (ROUNDS - 1) * QUESTIONS; asked++) {
            answers.waitFor(timeout / QUESTIONS);
            boolean endsRound = asked % QUESTIONS == 0;
            if (haveCoordinator(answers) || (endsRound && areComplete())) {
                answers.done(); // JGroups does not wait again
                break;
            }
            findMembers(members, true, answers);
        }
        return answers;
    }

    /// Whether GMS knows whom to ask to let this node in.
    private static boolean haveCoordinator(Responses answers) {
        for (PingData answer : answers) {
            if (answer.isCoord()) {
                return true;
            }
        }
        return false;
    }

    private boolean areComplete() {
        Tcp tcp = (Tcp) getTransport();
        return getInitialHosts().stream()
                .noneMatch(seed -> !answered.contains(seed) && tcp.listens(seed));
    }

    @Override
    protected void handleDiscoveryResponse(List<PingData> known, Address from) {
        for (PingData member : known) {
            if (member.getAddress().equals(from) && member.getPhysicalAddr() != null) {
                answered.add(member.getPhysicalAddr());
            }
        }
        super.handleDiscoveryResponse(known, from);
    }
}
