package io.genserver.cluster.infinispan;

import org.infinispan.notifications.Listener;
import org.infinispan.notifications.cachemanagerlistener.annotation.Merged;
import org.infinispan.notifications.cachemanagerlistener.annotation.ViewChanged;
import org.infinispan.notifications.cachemanagerlistener.event.ViewChangedEvent;

/// Is told by Infinispan which nodes see each other. Public, because Infinispan calls it by
/// reflection.
@Listener
public final class Views {

    private final Grid grid;

    Views(Grid grid) {
        this.grid = grid;
    }

    /// Other nodes have come or gone.
    ///
    /// @param event what has changed
    @ViewChanged
    @Merged
    public void changed(ViewChangedEvent event) {
        grid.viewChanged();
    }
}
