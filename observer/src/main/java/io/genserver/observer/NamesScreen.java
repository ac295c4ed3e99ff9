package io.genserver.observer;

import io.genserver.Processes;
import io.genserver.observer.Look.Brief;
import io.genserver.observer.Look.Seen;
import io.genserver.spi.ArmedTimer;
import io.genserver.spi.NodeBase;
import io.genserver.supervisor.ProcessRegistry;
import io.genserver.supervisor.RegistrySnapshot;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The names, what the registries hold, and the timers that are due first.
record NamesScreen(ObserverOptions options) implements Screen {

    private static final int MOST = 200;
    private static final int ENTRIES = 50;
    private static final String PARTITION = "io.genserver.supervisor.RegistryPartition";

    record Named(String name, Brief process) {}

    record Registry(String name, int keys, int processes, List<Entry> entries) {}

    record Entry(String key, Brief process) {}

    /// @param in how long until it fires; units: ms
    record Timer(long in, String what) {}

    record Data(
            int namesTotal,
            List<Named> names,
            List<Registry> registries,
            int timersTotal,
            List<Timer> timers) {}

    @Override
    public Object show(Look look, Query query) {
        List<ArmedTimer> timers = ((NodeBase) options.node()).armedTimers();
        long now = Processes.monotonicTime();
        Map<String, Registry> registries = new LinkedHashMap<>(); // by name
        look.all().stream()
                .filter(seen -> seen.summary().initialCall().equals(PARTITION))
                .sorted(Comparator.comparingLong(Seen::id))
                .flatMap(seen ->
                        ProcessRegistry.snapshot(
                                seen.summary().pid(), options.showState() ? ENTRIES : 0)
                                .stream())
                .forEach(found -> registries.put(found.name(), registry(look, found)));
        List<Named> names =
                look.names().entrySet().stream()
                        .map(entry -> new Named(entry.getKey(), look.brief(entry.getValue())))
                        .sorted(Comparator.comparing(Named::name))
                        .toList();
        return new Data(
                names.size(),
                names.subList(0, Math.min(names.size(), MOST)),
                List.copyOf(registries.values()),
                timers.size(),
                timers.stream()
                        .limit(MOST)
                        .map(timer -> new Timer((timer.due() - now) / 1_000_000, shown(timer)))
                        .toList());
    }

    /// Hides the messages and requests of timers from those who may not see states.
    private String shown(ArmedTimer timer) {
        if (options.showState()) {
            return Text.of(timer.what());
        }
        return timer.what().startsWith("message ") ? "a message" : "a timeout";
    }

    private static Registry registry(Look look, RegistrySnapshot found) {
        List<Entry> entries =
                found.entries().stream()
                        .map(entry -> new Entry(Text.of(entry.key()), look.brief(entry.pid())))
                        .toList();
        return new Registry(found.name(), found.keys(), found.processes(), entries);
    }
}
