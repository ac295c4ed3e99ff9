package io.genserver.cluster.memory;

import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An engine of a [MemoryNetwork]. Its fields are used with the lock of the network.
final class MemoryEngine implements Engine {

    private final MemoryNetwork network;
    private final MemoryMember member;
    private final Set<MemoryMember> view = new HashSet<>();
    private final Map<MemoryMember, Pipe> pipes = new LinkedHashMap<>();
    private final Deque<Report> reports = new ArrayDeque<>();
    private @Nullable Handler handler;
    private boolean isClosed;

    MemoryEngine(MemoryNetwork network, MemoryMember member) {
        this.network = network;
        this.member = member;
    }

    private record Report(Set<Member> members, Set<Member> merged) {}

    MemoryMember member() {
        return member;
    }

    @Override
    public Member start(Handler events) {
        network.lock().lock();
        try {
            if (handler != null || isClosed) {
                throw new IllegalStateException("expected an engine that was not started before");
            }
            handler = events;
            network.add(this);
            network.changed().signalAll();
        } finally {
            network.lock().unlock();
        }
        if (!network.isManual()) {
            Thread.ofVirtual().name("memory-engine-" + member).start(this::run);
        }
        return member;
    }

    @Override
    public void send(Member to, byte[] frame) throws InterruptedException {
        network.lock().lockInterruptibly();
        try {
            MemoryEngine target = network.find(to);
            if (target == null) {
                return;
            }
            Pipe pipe = target.pipeFrom(member);
            while (reaches(target) && pipe.isFull() && !network.isManual()) {
                network.changed().await();
            }
            if (reaches(target)) {
                pipe.add(frame);
                network.changed().signalAll();
            }
        } finally {
            network.lock().unlock();
        }
    }

    private boolean reaches(MemoryEngine target) {
        return !isClosed && !target.isClosed && view.contains(target.member);
    }

    @Override
    public void close() {
        network.lock().lock();
        try {
            network.remove(this);
        } finally {
            network.lock().unlock();
        }
    }

    private void run() {
        try {
            Runnable delivery = next();
            while (delivery != null) {
                delivery.run();
                delivery = next();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody has this thread to interrupt it", e);
        }
    }

    /// Waits for what arrives next.
    ///
    /// @return the delivery; null if the engine is closed
    private @Nullable Runnable next() throws InterruptedException {
        network.lock().lockInterruptibly();
        try {
            while (!isClosed) {
                long now = network.now();
                List<Runnable> ready = new ArrayList<>();
                addReady(ready, now);
                if (!ready.isEmpty()) {
                    return network.pick(ready);
                }
                long wait =
                        pipes.values().stream()
                                .mapToLong(pipe -> pipe.untilReady(now))
                                .min()
                                .orElse(Long.MAX_VALUE);
                network.changed().awaitNanos(wait);
            }
            return null;
        } finally {
            network.lock().unlock();
        }
    }

    void addReady(List<Runnable> ready, long now) {
        if (!reports.isEmpty()) {
            ready.add(() -> run(report()));
        }
        for (Pipe pipe : pipes.values()) {
            if (pipe.isReady(now)) {
                ready.add(() -> run(delivery(pipe)));
            }
        }
    }

    private static void run(@Nullable Runnable delivery) {
        if (delivery != null) {
            delivery.run();
        }
    }

    /// Takes the next report of members.
    @Nullable Runnable report() {
        network.lock().lock();
        try {
            Report report = reports.poll();
            Handler events = handler;
            return report == null || events == null
                    ? null
                    : () -> events.members(report.members(), report.merged());
        } finally {
            network.lock().unlock();
        }
    }

    /// Takes the next frame of a pipe.
    @Nullable Runnable delivery(Pipe pipe) {
        network.lock().lock();
        try {
            Handler events = handler;
            if (events == null || isClosed || pipe.size() == 0) {
                return null;
            }
            byte[] frame = pipe.remove();
            network.changed().signalAll();
            return () -> events.received(pipe.from(), frame);
        } finally {
            network.lock().unlock();
        }
    }

    // The methods below need the lock of the network.

    boolean isStarted() {
        return handler != null;
    }

    void see(MemoryMember other) {
        view.add(other);
    }

    void lose(MemoryMember other) {
        if (view.remove(other)) {
            reportMembers(Set.of());
        }
    }

    void find(MemoryMember other, boolean isMerged) {
        view.add(other);
        reportMembers(isMerged ? Set.of(other) : Set.of());
    }

    void forget(MemoryMember other) {
        pipes.remove(other);
        lose(other);
    }

    void end() {
        isClosed = true;
        pipes.clear();
        reports.clear();
    }

    void reportMembers(Set<Member> merged) {
        if (handler != null) {
            reports.add(new Report(Set.copyOf(view), merged));
        }
    }

    Pipe pipeFrom(MemoryMember from) {
        return pipes.computeIfAbsent(from, _ -> new Pipe(network, from));
    }
}
