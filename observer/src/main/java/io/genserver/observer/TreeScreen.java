package io.genserver.observer;

import io.genserver.Pid;
import io.genserver.observer.Look.Row;
import io.genserver.observer.Look.Seen;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorSnapshot;
import io.genserver.supervisor.SupervisorSnapshot.ChildSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The processes below those that started them. A process with more than 50 children is collapsed
/// until the viewer opens it.
record TreeScreen() implements Screen {

    private static final int COLLAPSED = 50;
    private static final int CHILDREN = 200; // of a process that the viewer has opened
    private static final int LINES = 2_000;

    /// What a supervisor knows about a child.
    ///
    /// @param lastEnd why and when it last ended; null if it never did
    record Child(
            String id,
            boolean restarting,
            String restart,
            int ends,
            @Nullable String lastEnd,
            @Nullable Long endedAt) {

        static Child of(ChildSnapshot child) {
            return new Child(
                    Text.of(child.id()),
                    child.restarting(),
                    child.restart().toString(),
                    child.ends(),
                    child.lastEnd().map(end -> Text.of(end.reason())).orElse(null),
                    child.lastEnd().map(end -> end.at().toEpochMilli()).orElse(null));
        }
    }

    /// A line of the tree.
    ///
    /// @param process null for a child that does not run
    /// @param child null if no supervisor has started the process
    /// @param restarts of all children of a supervisor; null for any other process
    /// @param more how many children are not shown
    record Line(
            int depth,
            @Nullable Row process,
            @Nullable Child child,
            @Nullable Long restarts,
            int children,
            boolean open,
            int more) {}

    record Data(List<Line> lines, boolean cut) {}

    @Override
    public Object show(Look look, Query query) {
        Drawing drawing = new Drawing(look, query.list("open"), query.list("shut"));
        drawing.draw();
        return new Data(drawing.lines, drawing.lines.size() >= LINES);
    }

    private static final class Drawing {
        private final Look look;
        private final Set<String> opened;
        private final Set<String> shut;
        private final Map<Pid, List<Seen>> children = new HashMap<>();
        private final List<Seen> roots = new ArrayList<>();
        private final List<Line> lines = new ArrayList<>();

        Drawing(Look look, Set<String> opened, Set<String> shut) {
            this.look = look;
            this.opened = opened;
            this.shut = shut;
            Map<String, Pid> names = look.names();
            for (Seen each : look.all()) {
                look.parent(each.summary(), names)
                        .map(parent -> children.computeIfAbsent(parent, _ -> new ArrayList<>()))
                        .orElse(roots)
                        .add(each);
            }
        }

        void draw() {
            roots.sort(Comparator.comparingLong(Seen::id));
            // Trees are of more interest than processes without any.
            roots.sort(Comparator.comparingInt(root -> childrenOf(root).isEmpty() ? 1 : 0));
            List<Seen> shown = roots.subList(0, Math.min(roots.size(), CHILDREN));
            shown.forEach(root -> draw(0, root, null));
            if (shown.size() < roots.size()) {
                int more = roots.size() - shown.size();
                lines.add(new Line(0, null, null, null, 0, false, more));
            }
        }

        private List<Seen> childrenOf(Seen seen) {
            return children.getOrDefault(seen.summary().pid(), List.of());
        }

        private void draw(int depth, Seen seen, @Nullable Child asChild) {
            if (lines.size() >= LINES) {
                return;
            }
            List<Seen> below = childrenOf(seen);
            Optional<SupervisorSnapshot> snapshot = Supervisor.snapshot(seen.summary().pid());
            List<ChildSnapshot> known =
                    snapshot.map(SupervisorSnapshot::children).orElse(List.of());
            int count = Math.max(below.size(), known.size());
            String id = Long.toString(seen.id());
            boolean open =
                    count > 0 && (count <= COLLAPSED ? !shut.contains(id) : opened.contains(id));
            Long restarts = snapshot.map(SupervisorSnapshot::restarts).orElse(null);
            int more = open ? Math.max(0, count - CHILDREN) : 0;
            lines.add(new Line(depth, look.row(seen), asChild, restarts, count, open, more));
            if (open) {
                drawChildren(depth + 1, known, below);
            }
        }

        /// Draws the children in the order of their start, those that do not run included.
        private void drawChildren(int depth, List<ChildSnapshot> known, List<Seen> below) {
            Set<Pid> drawn = new HashSet<>();
            for (ChildSnapshot child : known.subList(0, Math.min(known.size(), CHILDREN))) {
                Seen running = child.pid().map(look::find).orElse(null);
                if (running == null) {
                    lines.add(new Line(depth, null, Child.of(child), null, 0, false, 0));
                } else {
                    drawn.add(running.summary().pid());
                    draw(depth, running, Child.of(child));
                }
            }
            List<Seen> others = new ArrayList<>(below);
            others.removeIf(seen -> drawn.contains(seen.summary().pid()));
            others.sort(Comparator.comparingLong(Seen::id));
            others.subList(0, Math.min(others.size(), CHILDREN))
                    .forEach(seen -> draw(depth, seen, null));
        }
    }
}
