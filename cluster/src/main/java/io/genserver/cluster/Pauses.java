package io.genserver.cluster;

import io.genserver.Processes;
import io.genserver.Ref;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The keys whose start was refused, and when to try each again. The first pause is 20 ms, and each
/// next one is twice as long, up to 1 s. Used by one process.
final class Pauses {

    private static final Duration FIRST = Duration.ofMillis(20);
    private static final Duration LONGEST = Duration.ofSeconds(1);

    /// @param length how long it is
    /// @param start when it has begun; units: ns
    /// @param timer what wakes the process at its end; null if nothing does
    private record Pause(Duration length, long start, @Nullable Ref timer) {

        boolean isOver() {
            return Processes.monotonicTime() - start >= length.toNanos();
        }
    }

    private final Map<Object, Pause> pauses = new HashMap<>();

    /// Returns whether it is too early to try a key again.
    boolean isEarly(Object key) {
        Pause pause = pauses.get(key);
        return pause != null && !pause.isOver();
    }

    /// Begins a pause, because a start was refused.
    ///
    /// @param wakeUp the message that the current process gets at the end; null for none
    void begin(Object key, @Nullable Object wakeUp) {
        Pause before = end(key);
        Duration length = before == null ? FIRST : shorter(before.length().multipliedBy(2));
        Ref timer = wakeUp == null ? null : Processes.sendAfter(Processes.self(), wakeUp, length);
        pauses.put(key, new Pause(length, Processes.monotonicTime(), timer));
    }

    private static Duration shorter(Duration length) {
        return length.compareTo(LONGEST) < 0 ? length : LONGEST;
    }

    /// Forgets a key, because it was not refused.
    void forget(Object key) {
        end(key);
    }

    private @Nullable Pause end(Object key) {
        Pause pause = pauses.remove(key);
        if (pause != null && pause.timer() != null) {
            Processes.cancelTimer(pause.timer());
        }
        return pause;
    }

    /// Ends all pauses, because something has changed.
    ///
    /// @return the keys for which the process was to be woken
    List<Object> endAll() {
        List<Object> waiting =
                pauses.entrySet().stream()
                        .filter(entry -> entry.getValue().timer() != null)
                        .map(Map.Entry::getKey)
                        .toList();
        List.copyOf(pauses.keySet()).forEach(this::end);
        return waiting;
    }
}
