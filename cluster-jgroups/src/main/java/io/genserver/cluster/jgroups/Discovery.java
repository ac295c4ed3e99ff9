package io.genserver.cluster.jgroups;

import java.util.List;
import org.jgroups.Address;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.TCPPING;
import org.jgroups.util.Responses;

/// Asks the seeds for the members, and waits longer for a seed that listens but is slow to answer.
///
/// JGroups asks once, and a node that gets no answer in time begins alone. Its seed may only be
/// busy. So this asks again as long as a seed accepts connections.
final class Discovery extends TCPPING {

    private static final int QUESTIONS = 5;

    Discovery() {
        setId(ClassConfigurator.getProtocolId(TCPPING.class)); // headers carry it
    }

    /// Returns at once if nobody waits for the answers, as when JGroups looks for lost members.
    ///
    /// @param timeout how many milliseconds each question waits for answers. After the last
    ///   question JGroups waits for them
    @Override
    public Responses findMembers(
            List<Address> members, boolean initial, boolean async, long timeout) {
        Responses answers = super.findMembers(members, initial, async, timeout);
        for (int asked = 1; initial && asked < QUESTIONS; asked++) {
            answers.waitFor(timeout);
            if (!answers.isEmpty() || !seedListens()) {
                answers.done(); // JGroups does not wait again
                break;
            }
            findMembers(members, true, answers);
        }
        return answers;
    }

    private boolean seedListens() {
        Tcp tcp = (Tcp) getTransport();
        return getInitialHosts().stream().anyMatch(tcp::listens);
    }
}
