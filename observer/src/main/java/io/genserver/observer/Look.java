package io.genserver.observer;

import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ProcessInfo.Status;
import io.genserver.ProcessSummary;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.spi.ProcessId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the processes of a node looked like at one moment.
final class Look {

    private static final double SECOND = 1e9; // units: ns

    /// A process, and how many messages it has handled since the look before; -1 if there was none.
    record Seen(ProcessSummary summary, long grown) {

        long id() {
            return Look.id(summary.pid());
        }
    }

    /// A process as other processes' rows show it.
    record Brief(long id, String pid, @Nullable String name, String what) {}

    /// A line of a table of processes.
    ///
    /// @param rate the messages it handled per second since the look before; null if unknown
    /// @param age units: s
    record Row(
            long id,
            String pid,
            @Nullable String name,
            @Nullable String label,
            String what,
            Status status,
            long handled,
            @Nullable Double rate,
            int mailbox,
            int longest,
            long age,
            @Nullable Brief waitsFor) {}

    private final Map<Pid, Seen> processes;
    private final Map<Status, Integer> byStatus = new EnumMap<>(Status.class);
    private final Instant at = Instant.now();
    private final long nanos;
    private final long since; // the time since the look before, 0 if there was none; units: ns
    private final long took; // units: ns
    private long queued;
    private long handled; // since the look before

    /// Looks at the processes of the current node.
    Look(@Nullable Look before) {
        this(before, Processes::visit);
    }

    /// Looks at the processes that a function shows.
    Look(@Nullable Look before, Consumer<Consumer<ProcessSummary>> source) {
        nanos = System.nanoTime();
        since = before == null ? 0 : nanos - before.nanos;
        processes = HashMap.newHashMap(before == null ? 64 : before.processes.size());
        source.accept(process -> add(process, before));
        took = System.nanoTime() - nanos;
    }

    private void add(ProcessSummary process, @Nullable Look before) {
        long grown = -1;
        if (before != null) {
            Seen known = before.processes.get(process.pid());
            long start = known == null ? 0 : known.summary.handled();
            // The number begins again at 0 after 32 bits.
            grown = Integer.toUnsignedLong((int) (process.handled() - start));
            handled += grown;
        }
        queued += process.messageQueueLength();
        byStatus.merge(process.status(), 1, Integer::sum);
        processes.put(process.pid(), new Seen(process, grown));
    }

    Collection<Seen> all() {
        return processes.values();
    }

    @Nullable Seen find(Pid pid) {
        return processes.get(pid);
    }

    /// Finds a process by its number.
    @Nullable Seen find(long id) {
        for (Seen each : processes.values()) {
            if (each.id() == id) {
                return each;
            }
        }
        return null;
    }

    /// Returns the processes that have names, by their names.
    Map<String, Pid> names() {
        Map<String, Pid> names = new HashMap<>();
        for (Seen each : processes.values()) {
            each.summary.registeredName().ifPresent(name -> names.put(name, each.summary.pid()));
        }
        return names;
    }

    /// Returns the living process that has started another one.
    Optional<Pid> parent(ProcessSummary process, Map<String, Pid> names) {
        ServerRef parent = process.parent().orElse(null);
        Pid pid =
                switch (parent) {
                    case Pid known -> known;
                    case Name(String name) -> names.get(name);
                    case null, default -> null;
                };
        return Optional.ofNullable(pid).filter(processes::containsKey);
    }

    static long id(Pid pid) {
        return ((ProcessId) pid).number();
    }

    Brief brief(Pid pid) {
        Seen seen = processes.get(pid);
        return seen == null
                ? new Brief(0, pid.toString(), null, "ended, or of another node")
                : brief(seen.summary);
    }

    static Brief brief(ProcessSummary process) {
        Pid pid = process.pid();
        String name = process.registeredName().orElse(null);
        return new Brief(id(pid), pid.toString(), name, process.initialCall());
    }

    Row row(Seen seen) {
        ProcessSummary process = seen.summary;
        return new Row(
                seen.id(),
                process.pid().toString(),
                process.registeredName().orElse(null),
                Processes.getLabel(process.pid()).map(Text::of).orElse(null),
                process.initialCall(),
                process.status(),
                process.handled(),
                rate(seen.grown),
                process.messageQueueLength(),
                process.longestMessageQueue(),
                Duration.between(process.startedAt(), at).toSeconds(),
                process.waitsFor().map(this::brief).orElse(null));
    }

    private @Nullable Double rate(long messages) {
        return since == 0 || messages < 0
                ? null
                : Math.round(messages * SECOND / since * 10) / 10.0;
    }

    Instant at() {
        return at;
    }

    long took() {
        return took;
    }

    long ageAt(long now) {
        return now - nanos;
    }

    int count(Status status) {
        return byStatus.getOrDefault(status, 0);
    }

    int size() {
        return processes.size();
    }

    long queued() {
        return queued;
    }

    /// Returns the messages per second since the look before; null if there was none.
    @Nullable Double rate() {
        return rate(handled);
    }
}
