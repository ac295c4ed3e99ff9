package io.genserver.cluster.infinispan;

import org.jgroups.Event;
import org.jgroups.protocols.FORK;

/// Divides a channel between the engine and Infinispan. The engine is told of new members first,
/// because it then drops what is on its way to those that were lost. Infinispan's first messages to
/// them must come after that.
final class Fork extends FORK {

    Fork() {
        setId(ID);
    }

    @Override
    public Object up(Event event) {
        if (event.getType() != Event.VIEW_CHANGE) {
            return super.up(event);
        }
        Object result = up_prot.up(event);
        fork_stacks.values().forEach(bottom -> bottom.up(event));
        return result;
    }
}
