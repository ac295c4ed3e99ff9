package io.genserver.simulation;

import io.genserver.Pid;
import io.genserver.spi.Machine.Event;
import io.genserver.spi.Machine.Travel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What happened in one run: the choices that were made, and what each step was. Only the thread
/// that has the baton touches it, and the control after the run.
final class Recording {

    private final boolean withText;
    private boolean stopped;

    private int[] choices = new int[256];
    private int choiceCount;
    private int[] steps = new int[256];
    private int stepCount;
    private final List<Trace.Line> lines = new ArrayList<>();

    /// @param withText whether to keep what is needed for a [Trace]
    Recording(boolean withText) {
        this.withText = withText;
    }

    /// Returns a recording of nothing.
    static Recording none() {
        Recording none = new Recording(false);
        none.stop();
        return none;
    }

    /// Leaves out what happens from now on.
    void stop() {
        stopped = true;
    }

    void chosen(int choice) {
        if (stopped) {
            return;
        }
        if (choiceCount == choices.length) {
            choices = Arrays.copyOf(choices, 2 * choiceCount);
        }
        choices[choiceCount++] = choice;
    }

    void step(
            long time,
            Task task,
            Event event,
            @Nullable Pid process,
            @Nullable Pid target,
            @Nullable Object content) {
        if (stopped) {
            return;
        }
        if (stepCount == steps.length) {
            steps = Arrays.copyOf(steps, 2 * stepCount);
        }
        steps[stepCount++] = 31 * (31 * task.number + event.name().hashCode()) + (int) task.about;
        if (withText && event != Event.END) { // a note follows
            add(
                    time,
                    event,
                    process != null ? process : event == Event.TIMER ? "timers" : task.name,
                    target,
                    content == null ? "" : Trace.text(content));
        }
    }

    void note(long time, Event event, Pid process, Object content) {
        if (keepsText()) {
            add(time, event, process, null, Trace.text(content));
        }
    }

    /// Records that the body has thrown something, because its process ends normally all the same.
    void failure(long time, Pid process, Throwable thrown) {
        if (keepsText()) {
            add(time, null, process, null, "throws " + Trace.text(thrown));
        }
    }

    void fault(long time, Pid victim) {
        if (keepsText()) {
            add(time, Event.EXIT, "fault", victim, "kill");
        }
    }

    /// Records what happens to a message on its way.
    void fault(long time, Travel travel, Pid from, Pid to, Object message) {
        if (keepsText()) {
            add(time, null, from, to, describe(travel) + ": " + Trace.text(message));
        }
    }

    private static String describe(Travel travel) {
        String late = travel.delay() == 0 ? "" : "late by " + Trace.time(travel.delay());
        return switch (travel.copies()) {
            case 0 -> "lost";
            case 1 -> late;
            default -> "arrives twice" + (late.isEmpty() ? "" : ", " + late);
        };
    }

    void lateTimer(long time, long delay) {
        if (keepsText()) {
            String late = "fires late by " + Trace.time(delay);
            add(time, null, "fault", null, "the timer that is armed next " + late);
        }
    }

    private boolean keepsText() {
        return withText && !stopped;
    }

    private void add(
            long time, @Nullable Event event, Object who, @Nullable Pid target, String content) {
        lines.add(new Trace.Line(stepCount, time, event, who, target, content));
    }

    /// Returns the choices, without the zeros at the end, which a replay adds.
    int[] choices() {
        int length = choiceCount;
        while (length > 0 && choices[length - 1] == 0) {
            length--;
        }
        return Arrays.copyOf(choices, length);
    }

    /// Returns how many choices were made.
    int choiceCount() {
        return choiceCount;
    }

    /// Returns a number for each step, which tells who did what to which process.
    int[] steps() {
        return Arrays.copyOf(steps, stepCount);
    }

    Trace trace() {
        return new Trace(List.copyOf(lines));
    }
}
