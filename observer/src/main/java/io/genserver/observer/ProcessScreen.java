package io.genserver.observer;

import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.observer.Events.Event;
import io.genserver.observer.Events.Kind;
import io.genserver.observer.Look.Brief;
import io.genserver.observer.Look.Row;
import io.genserver.observer.Look.Seen;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorSnapshot;
import io.genserver.supervisor.SupervisorSnapshot.ChildSnapshot;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One process: its numbers, its stack, the processes around it, its last crash.
///
/// @param events the source of crashes
record ProcessScreen(Events events) implements Screen {

    private static final int NEIGHBOURS = 200;
    private static final int FRAMES = 60;
    private static final int EVENTS = 20;

    /// @param alive whether the process is there; if not, only the events are
    /// @param neighbours the processes around it, by their relation to it
    /// @param cut whether there are more neighbours
    /// @param lastEnd how its predecessor under the same supervisor ended
    record Data(
            long id,
            boolean alive,
            boolean supervisor,
            @Nullable Row row,
            boolean trapsExits,
            List<String> stack,
            Map<String, List<Brief>> neighbours,
            boolean cut,
            @Nullable String lastEnd,
            @Nullable Long endedAt,
            int ends,
            @Nullable Event crash,
            List<Event> events) {}

    @Override
    public Object show(Look look, Query query) {
        long id = query.process();
        Seen seen = look.find(id);
        Pid pid = seen == null ? null : seen.summary().pid();
        ProcessInfo info = pid == null ? null : Processes.info(pid, 0).orElse(null);
        List<Event> about = events.find(event -> event.process() == id, EVENTS);
        if (seen == null || pid == null || info == null) {
            Event crash = crash(event -> event.process() == id);
            return new Data(
                    id, false, false, null, false, List.of(), Map.of(), false, null, null, 0, crash,
                    about);
        }
        Neighbours around = new Neighbours(look, NEIGHBOURS);
        around.add(seen, info);
        Optional<ChildSnapshot> child = asChild(look, seen);
        String name = info.registeredName().orElse(null);
        return new Data(
                id,
                true,
                Supervisor.snapshot(pid).isPresent(),
                look.row(seen),
                info.trapExits(),
                info.currentStacktrace().stream().limit(FRAMES).map(Object::toString).toList(),
                around.found,
                around.left == 0,
                child.flatMap(ChildSnapshot::lastEnd)
                        .map(end -> Text.of(end.reason()))
                        .orElse(null),
                child.flatMap(ChildSnapshot::lastEnd)
                        .map(end -> end.at().toEpochMilli())
                        .orElse(null),
                child.map(ChildSnapshot::ends).orElse(0),
                crash(event -> event.process() == id || event.subject().equals(name)),
                about);
    }

    private @Nullable Event crash(java.util.function.Predicate<Event> wanted) {
        return events.find(event -> event.kind() == Kind.CRASH && wanted.test(event), 1).stream()
                .findFirst()
                .orElse(null);
    }

    /// Returns what its supervisor knows about the process.
    private static Optional<ChildSnapshot> asChild(Look look, Seen seen) {
        Optional<Pid> pid = Optional.of(seen.summary().pid());
        return look
                .parent(seen.summary(), look.names())
                .flatMap(Supervisor::snapshot)
                .map(SupervisorSnapshot::children)
                .stream()
                .flatMap(Collection::stream)
                .filter(child -> child.pid().equals(pid))
                .findFirst();
    }

    /// Collects the processes around another one, up to a limit.
    private static final class Neighbours {
        private final Map<String, List<Brief>> found = new LinkedHashMap<>();
        private final Look look;
        private int left;

        Neighbours(Look look, int most) {
            this.look = look;
            this.left = most;
        }

        void add(Seen seen, ProcessInfo info) {
            Pid pid = info.pid();
            Map<String, Pid> names = look.names();
            add("waits for", seen.summary().waitsFor().stream());
            add(
                    "waited for by",
                    look.all().stream()
                            .map(Seen::summary)
                            .filter(each -> each.waitsFor().filter(pid::equals).isPresent())
                            .map(each -> each.pid()));
            add("ancestors", info.ancestors().stream().map(each -> resolve(each, names)));
            add(
                    "children",
                    look.all().stream()
                            .filter(each ->
                                    look.parent(each.summary(), names)
                                            .filter(pid::equals)
                                            .isPresent())
                            .map(each -> each.summary().pid())
                            .sorted());
            add("links", info.links().stream());
            add("monitors", info.monitors().stream().map(each -> resolve(each, names)));
            add("monitored by", info.monitoredBy().stream().distinct());
        }

        private void add(String relation, Stream<? extends @Nullable Pid> pids) {
            List<Brief> some =
                    pids.filter(Objects::nonNull)
                            .limit(left)
                            .map(pid -> look.brief(Objects.requireNonNull(pid)))
                            .toList();
            left -= some.size();
            if (!some.isEmpty()) {
                found.put(relation, some);
            }
        }

        private static @Nullable Pid resolve(ServerRef server, Map<String, Pid> names) {
            return switch (server) {
                case Pid pid -> pid;
                case Name(String name) -> names.get(name);
                default -> null;
            };
        }
    }
}
