package io.genserver.runtime;

import io.genserver.CrashReport;
import io.genserver.DeadLetter;
import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.Via;
import io.genserver.spi.RuntimeListener;
import io.genserver.spi.TurnListener;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import org.jspecify.annotations.Nullable;

/// Writes what happens to the JDK's flight recorder, while there is a recording. Without one it is
/// no listener, so it costs nothing, also after a recording has ended.
///
/// The settings that a recording has when it starts decide whether turns and calls are watched.
final class FlightRecording implements FlightRecorderListener, RuntimeListener, TurnListener {

    /// Null while there is no recording. Guarded.
    private RuntimeListener.@Nullable Subscription listening;

    /// Null while no recording wants turns or calls. Guarded.
    private RuntimeListener.@Nullable Subscription turns;

    private FlightRecording() {}

    /// Waits for recordings from now on. Called once.
    static void await() {
        FlightRecording recording = new FlightRecording();
        FlightRecorder.addListener(recording);
        if (FlightRecorder.isInitialized()) {
            recording.update(); // one may have been started with the JVM
        }
    }

    @Override
    public void recordingStateChanged(Recording recording) {
        update();
    }

    private synchronized void update() {
        boolean recording =
                FlightRecorder.getFlightRecorder().getRecordings().stream()
                        .anyMatch(each -> each.getState() == RecordingState.RUNNING);
        if (recording && listening == null) {
            listening = Listeners.add(this);
        } else if (!recording && listening != null) {
            listening.close();
            listening = null;
        }
        boolean wanted =
                recording
                        && (isEnabled(FlightEvents.Turn.class)
                                || isEnabled(FlightEvents.Call.class));
        if (wanted && turns == null) {
            turns = TurnListeners.add(this);
        } else if (!wanted && turns != null) {
            turns.close();
            turns = null;
        }
    }

    private static boolean isEnabled(Class<? extends Event> type) {
        return EventType.getEventType(type).isEnabled();
    }

    // Turns and calls

    @Override
    public @Nullable Object turnBegins(
            Node node, Pid pid, String server, Kind kind, Object message, long queued) {
        FlightEvents.Turn event = new FlightEvents.Turn();
        if (!event.isEnabled()) {
            return null;
        }
        Begun begun = new Begun(event, node, pid, server, kind, message);
        event.queued = queued < 0 ? Long.MIN_VALUE : queued; // the recorder's word for missing
        event.begin();
        return begun;
    }

    /// A turn that goes on. Its texts are made only if it is recorded.
    private record Begun(
            FlightEvents.Turn event, Node node, Pid pid, String server, Kind kind, Object message) {

        void end(@Nullable ExitReason ended) {
            event.end();
            if (event.shouldCommit()) {
                event.node = node.name();
                event.process = pid.toString();
                event.server = server;
                event.kind = kind.name();
                event.message = message.getClass().getName();
                event.exitReason = ended == null ? null : Reasons.of(ended);
                event.commit();
            }
        }
    }

    @Override
    public void turnEnds(Object begun, @Nullable ExitReason ended) {
        ((Begun) begun).end(ended);
    }

    @Override
    public @Nullable Object callBegins(Node node, ServerRef server, Object request) {
        FlightEvents.Call event = new FlightEvents.Call();
        if (!event.isEnabled()) {
            return null;
        }
        event.node = node.name();
        event.request = request.getClass().getName();
        event.begin();
        return event;
    }

    @Override
    public void callEnds(Object begun, @Nullable String server, @Nullable ExitReason failure) {
        FlightEvents.Call event = (FlightEvents.Call) begun;
        event.end();
        if (event.shouldCommit()) {
            LocalProcess caller = Context.get().process();
            if (caller != null) {
                event.caller = caller.initialCall();
                event.process = caller.pid.toString();
            }
            event.server = server;
            event.failure = failure == null ? null : Reasons.of(failure);
            event.commit();
        }
    }

    // Rare events

    @Override
    public void processStarted(Node node, Pid pid, @Nullable Pid starter) {
        FlightEvents.ProcessStart event = new FlightEvents.ProcessStart();
        if (event.isEnabled()) {
            event.process = pid.toString();
            event.starter = starter == null ? null : starter.toString();
            commit(event, node);
        }
    }

    @Override
    public void processEnded(Node node, Pid pid, String initialCall, ExitReason reason) {
        FlightEvents.ProcessEnd event = new FlightEvents.ProcessEnd();
        if (event.isEnabled()) {
            event.exitReason = Reasons.of(reason);
            commit(event, node, pid, initialCall);
        }
    }

    @Override
    public void crashed(Node node, CrashReport report) {
        FlightEvents.Crash event = new FlightEvents.Crash();
        if (event.isEnabled()) {
            Throwable cause = report.reason().cause();
            event.exitReason = Reasons.of(report.reason());
            event.exception = cause == null ? null : cause.getClass().getName();
            event.stack =
                    cause == null ? null : SafeText.frames(Arrays.stream(cause.getStackTrace()));
            commit(event, node, report.pid(), report.initialCall());
        }
    }

    @Override
    public void childRestarting(
            Node node,
            Pid supervisor,
            Object child,
            ExitReason reason,
            int attempt,
            Duration delay) {
        FlightEvents.Restart event = new FlightEvents.Restart();
        if (event.isEnabled()) {
            event.supervisor = supervisor.toString();
            event.child = name(child);
            event.exitReason = Reasons.of(reason);
            event.attempt = attempt;
            event.delay = delay.toMillis();
            commit(event, node);
        }
    }

    @Override
    public void supervisorGaveUp(Node node, Pid supervisor, Object child, ExitReason reason) {
        FlightEvents.GaveUp event = new FlightEvents.GaveUp();
        if (event.isEnabled()) {
            event.supervisor = supervisor.toString();
            event.child = name(child);
            event.exitReason = Reasons.of(reason);
            commit(event, node);
        }
    }

    private static String name(Object child) {
        return child instanceof Class<?> type ? type.getName() : child.getClass().getName();
    }

    @Override
    public void deadLetter(Node node, DeadLetter letter) {
        FlightEvents.DeadLetter event = new FlightEvents.DeadLetter();
        if (event.isEnabled()) {
            Object message = letter.message();
            event.reason = letter.reason().name();
            event.to = receiver(letter.to());
            event.message = message == null ? null : message.getClass().getName();
            commit(event, node);
        }
    }

    /// Returns the receiver of a message without a key of a registry, which may be a user's.
    private static String receiver(@Nullable ServerRef to) {
        return switch (to) {
            case null -> "";
            case Via(var registry, Object _) -> "a key of " + SafeText.of(registry);
            default -> to.toString();
        };
    }

    @Override
    public void callTimedOut(Node node, String server, Object request, Duration waited) {
        FlightEvents.CallTimeout event = new FlightEvents.CallTimeout();
        if (event.isEnabled()) {
            event.server = server;
            event.request = request.getClass().getName();
            event.waited = waited.toNanos();
            commit(event, node);
        }
    }

    @Override
    public void callCycle(Node node, List<Pid> cycle) {
        FlightEvents.CallCycle event = new FlightEvents.CallCycle();
        if (event.isEnabled()) {
            event.cycle = cycle.stream().map(Pid::toString).collect(Collectors.joining(" -> "));
            commit(event, node);
        }
    }

    @Override
    public void longMailbox(Node node, Pid pid, String server, int length, int mark) {
        FlightEvents.LongMailbox event = new FlightEvents.LongMailbox();
        if (event.isEnabled()) {
            event.length = length;
            event.mark = mark;
            commit(event, node, pid, server);
        }
    }

    @Override
    public void longTurn(Node node, Pid pid, String server, boolean nonBlocking, String stack) {
        FlightEvents.LongTurn event = new FlightEvents.LongTurn();
        if (event.isEnabled()) {
            event.stack = stack;
            commit(event, node, pid, server);
        }
    }

    private static void commit(FlightEvents.Base event, Node node) {
        event.node = node.name();
        event.commit();
    }

    private static void commit(FlightEvents.OfProcess event, Node node, Pid pid, String server) {
        event.process = pid.toString();
        event.server = server;
        commit(event, node);
    }
}
