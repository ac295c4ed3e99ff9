package io.genserver.cluster.jgroups;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jgroups.Address;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.VERIFY_SUSPECT2;

/// Asks a suspected member again and again whether it lives, until it answers or its time is over.
///
/// JGroups sends one question without an acknowledgement. A connection that ended is one reason to
/// suspect a member, and while both sides connect again, that question may be lost.
final class Verify extends VERIFY_SUSPECT2 {

    private static final int QUESTIONS = 5;

    Verify() {
        setId(ClassConfigurator.getProtocolId(VERIFY_SUSPECT2.class)); // headers carry it
    }

    @Override
    protected void verifySuspect(Collection<Address> members) {
        super.verifySuspect(members);
        if (!members.isEmpty()) {
            var _ =
                    timer.schedule(
                            () -> verifySuspect(unanswered(members)),
                            timeout / QUESTIONS,
                            TimeUnit.MILLISECONDS);
        }
    }

    /// A member that is asked again keeps the end of its time, because the set of suspects has it.
    private synchronized List<Address> unanswered(Collection<Address> members) {
        return suspects.stream().map(Entry::suspect).filter(members::contains).toList();
    }
}
