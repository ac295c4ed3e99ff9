package io.genserver.observer;

import io.genserver.observer.Events.Event;
import java.util.List;
import java.util.Set;

/// The last events.
///
/// @param events the source
record Timeline(Events events) implements Screen {

    private static final int MOST = 200;

    record Data(List<Event> events) {}

    @Override
    public Object show(Look look, Query query) {
        Set<String> kinds = query.list("kinds");
        boolean all = query.text("kinds").isEmpty();
        long before = query.number("before", Long.MAX_VALUE, 0, Long.MAX_VALUE);
        return new Data(
                events.find(
                        event ->
                                event.number() < before
                                        && (all || kinds.contains(event.kind().name())),
                        MOST));
    }
}
