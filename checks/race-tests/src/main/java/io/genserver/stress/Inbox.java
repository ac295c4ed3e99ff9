package io.genserver.stress;

import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.Match;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.stress.Findings.Count;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The mailbox of a client: checks that each monitor and each timer has fired once. The client's
/// thread.
final class Inbox {

    private record Tick(int place, long number) {}

    private static final int RETIRED = 256;

    /// The monitors that have not fired.
    final Slots<Ref> monitors = new Slots<>();

    /// How many monitors may fire that the client does not know, because an error came out of the
    /// function that set or removed them.
    int strayDowns;

    /// The same of timers.
    int strayTicks;

    /// How many responses may come that the client does not wait for.
    int strayAnswers;

    private final Findings findings;
    private final Match<Object> any = this::see;
    private final Slots<Ref> timers = new Slots<>();
    private final long[] due = new long[Slots.MANY]; // the tick that has to come; 0 for none
    private final @Nullable Ref[] retired = new @Nullable Ref[RETIRED]; // must not fire again
    private int nextRetired;
    private long ticks;

    /// The last message that was received. It is kept here as soon as it is seen, because the heap
    /// may be too full to return it.
    private @Nullable Object seen;

    Inbox(Findings findings) {
        this.findings = findings;
    }

    private Object see(Object message) {
        seen = message;
        return message;
    }

    void retire(Ref monitor) {
        retired[nextRetired++ & RETIRED - 1] = monitor;
    }

    // Timers

    void arm(int millis) {
        int place = timers.free();
        if (place >= 0 && due[place] == 0) {
            long tick = ++ticks;
            Ref timer =
                    Processes.sendAfter(
                            Processes.self(), new Tick(place, tick), Duration.ofMillis(millis));
            due[place] = tick;
            timers.put(place, timer);
        }
    }

    void cancel(int place) {
        Ref timer = timers.at(place);
        if (timer != null) {
            long tick = due[place];
            due[place] = 0; // if the next step fails, the tick may come or not
            timers.clear(place);
            if (Processes.cancelTimer(timer).isPresent()) {
                findings.count(Count.TIMERS_CANCELLED);
            } else {
                due[place] = tick;
            }
        }
    }

    private void tick(Tick tick) {
        if (tick.number() == due[tick.place()]) {
            due[tick.place()] = 0;
            timers.clear(tick.place());
            findings.count(Count.TIMERS_FIRED);
        } else if (strayTicks-- <= 0) {
            findings.wrong("a timer fired twice or after it was cancelled: " + tick);
        }
    }

    void awaitTimers(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        for (int place = 0; place < Slots.MANY; place++) {
            while (due[place] != 0 && System.nanoTime() - end < 0) {
                receive(Duration.ofMillis(100));
            }
            if (due[place] != 0) {
                findings.wrong("a timer did not fire");
            }
        }
    }

    // Receiving

    /// Handles what has arrived.
    void drain() {
        while (receive(Duration.ZERO)) {
            Thread.onSpinWait();
        }
    }

    private boolean receive(Duration timeout) {
        seen = null;
        boolean more = false;
        try {
            more = Processes.receive(any, timeout).isPresent();
        } catch (OutOfMemoryError full) {
            strayDowns++; // it may still be in the mailbox
            strayTicks++;
            strayAnswers++;
            findings.count(Count.OUT_OF_MEMORY);
        }
        Object message = seen;
        if (message != null) {
            handle(message);
        }
        return more;
    }

    private void handle(Object message) {
        switch (message) {
            case Down down -> down(down);
            case Tick tick -> tick(tick);
            case Exit _ -> {}
            default -> {
                if (strayAnswers-- <= 0) {
                    findings.wrong("nobody waits for " + message);
                }
            }
        }
    }

    private void down(Down down) {
        findings.count(Count.DOWNS);
        if (monitors.remove(down.ref()) >= 0) {
            retire(down.ref());
            return;
        }
        for (Ref before : retired) {
            if (down.ref().equals(before)) {
                findings.wrong("a monitor fired twice or after it was removed");
            }
        }
        if (strayDowns-- <= 0) {
            findings.wrong("a monitor fired that was not set: " + down);
        }
    }

    void awaitDowns(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        while (!monitors.isEmpty() && System.nanoTime() - end < 0) {
            receive(Duration.ofMillis(100));
        }
        drain();
        for (int place = 0; place < Slots.MANY; place++) {
            Optional.ofNullable(monitors.at(place))
                    .ifPresent(ref -> findings.wrong("a monitor did not fire: " + ref));
        }
    }
}
