package io.genserver.observer;

import io.genserver.ProcessInfo.Status;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The screens by name.
final class Screens {

    /// What the head of the page shows, on each screen.
    record Head(
            String node,
            long at,
            int processes,
            int running,
            int runnable,
            int waiting,
            int hibernating,
            long queued,
            @Nullable Double rate,
            int problems,
            long pause) {}

    record Shown(Head head, Object screen) {}

    private final ObserverOptions options;
    private final Problems problems;
    private final Map<String, Screen> screens;

    Screens(ObserverOptions options, Events events) {
        this.options = options;
        this.problems = new Problems(events);
        this.screens =
                Map.of(
                        "overview", new Overview(events, problems),
                        "tree", new TreeScreen(),
                        "processes", new ProcessesScreen(),
                        "process", new ProcessScreen(events),
                        "waiting", (look, _) -> Waiting.of(look),
                        "timeline", new Timeline(events),
                        "names", new NamesScreen(options));
    }

    /// Shows a screen, or returns null if there is none of this name. Runs on any thread.
    @Nullable Shown show(String name, Look look, Query query) {
        Screen screen = screens.get(name);
        return screen == null
                ? null
                : options.node().call(() -> new Shown(head(look), screen.show(look, query)));
    }

    Head head(Look look) {
        return new Head(
                options.node().name(),
                look.at().toEpochMilli(),
                look.size(),
                look.count(Status.RUNNING),
                look.count(Status.RUNNABLE),
                look.count(Status.WAITING),
                look.count(Status.HIBERNATING),
                look.queued(),
                look.rate(),
                problems.of(look).size(),
                Looks.pause(look) / 1_000_000);
    }
}
