package io.genserver.cluster.memory;

import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A network in this JVM whose faults a test decides.
///
/// ```java
/// MemoryNetwork network = new MemoryNetwork(seed);
/// Engine a = network.engine("a");
/// Engine b = network.engine("b");
/// … // start nodes with them
/// network.cut("a", "b");
/// network.heal("a", "b"); // frames from before the cut may still arrive
/// ```
///
/// Frames from one engine to another arrive in order, or vanish where a test says so. What arrives
/// from different engines, and what an engine reports about members, comes in an order that depends
/// on the seed.
///
/// A network delivers by itself, with one thread for each engine. A [#manual] network delivers only
/// what a test moves with [#step], on the test's thread, and its time is the test's. The same seed
/// and the same calls then give the same order.
///
/// Any thread may call the methods.
public final class MemoryNetwork {

    /// How many bytes are on the way from one engine to another before the sender has to wait.
    static final int WINDOW = 1 << 20;

    private final boolean isManual;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // The fields below are used with the lock only.
    private final Random random;
    private final Map<String, MemoryEngine> engines = new LinkedHashMap<>();
    private long manualTime;
    private long lastMember;

    /// Creates a network that delivers by itself.
    ///
    /// @param seed decides about delays, and about the order of what arrives from different engines
    public MemoryNetwork(long seed) {
        this(seed, false);
    }

    private MemoryNetwork(long seed, boolean isManual) {
        this.random = new Random(seed);
        this.isManual = isManual;
    }

    /// Creates a network that delivers only what [#step] moves. Senders never wait.
    ///
    /// @param seed decides what each step moves
    /// @return the network
    public static MemoryNetwork manual(long seed) {
        return new MemoryNetwork(seed, true);
    }

    /// Creates an engine. It is connected with all other engines of the network from its start on.
    ///
    /// @param name what the other methods call it
    /// @return the engine, not started
    /// @throws IllegalStateException if an engine of that name has not been closed
    public Engine engine(String name) {
        return locked(() -> {
            if (engines.containsKey(name)) {
                throw new IllegalStateException(
                        "expected a name that no open engine has, got: " + name);
            }
            MemoryEngine engine = new MemoryEngine(this, new MemoryMember(name, ++lastMember));
            engines.put(name, engine);
            return engine;
        });
    }

    /// Cuts the connection of two engines. Both report that the other one is gone. Frames that are
    /// on the way are kept: [#heal] lets them arrive, as a transport does that repeats what was not
    /// acknowledged.
    ///
    /// @param one an engine
    /// @param other another one
    public void cut(String one, String other) {
        locked(() -> {
            hold(one, other);
            hold(other, one);
            lose(one, other);
            lose(other, one);
        });
    }

    /// Connects two engines that were cut. Both report the other one again, as merged.
    ///
    /// @param one an engine
    /// @param other another one
    public void heal(String one, String other) {
        locked(() -> {
            release(one, other);
            release(other, one);
            find(one, other);
            find(other, one);
        });
    }

    /// Cuts some engines off from all others.
    ///
    /// @param side the engines on one side
    public void partition(Set<String> side) {
        locked(() -> across(side, this::cut));
    }

    /// Connects some engines with all others again.
    ///
    /// @param side the engines on one side
    public void heal(Set<String> side) {
        locked(() -> across(side, this::heal));
    }

    private void across(Set<String> side, Pair action) {
        for (String one : List.copyOf(side)) {
            for (String other : List.copyOf(engines.keySet())) {
                if (!side.contains(other)) {
                    action.of(one, other);
                }
            }
        }
    }

    /// Pauses an engine, like a process that is stopped for a time. All others report that it is
    /// gone. It reports nothing, and what it sends stays on the way.
    ///
    /// @param name the engine
    public void pause(String name) {
        locked(() ->
                across(
                        Set.of(name),
                        (paused, other) -> {
                            hold(paused, other);
                            hold(other, paused);
                            lose(other, paused);
                        }));
    }

    /// Lets a paused engine continue. All others report it again. It reports all others as merged.
    ///
    /// @param name the engine
    public void resume(String name) {
        locked(() ->
                across(
                        Set.of(name),
                        (paused, other) -> {
                            release(paused, other);
                            release(other, paused);
                            find(other, paused);
                            find(paused, other);
                        }));
    }

    /// Removes an engine, like a process that is killed. All others report that it is gone. What it
    /// has sent vanishes. A new engine may have the name.
    ///
    /// @param name the engine
    public void crash(String name) {
        locked(() -> remove(get(name)));
    }

    /// Lets an engine report that another one is gone. The other one notices nothing.
    ///
    /// @param at the engine that reports
    /// @param lost the engine that it reports
    public void lose(String at, String lost) {
        locked(() -> get(at).lose(get(lost).member()));
    }

    /// Lets an engine report another one as merged, whether or not it had reported that it is gone.
    ///
    /// @param at the engine that reports
    /// @param found the engine that it reports
    public void find(String at, String found) {
        locked(() -> get(at).find(get(found).member(), true));
    }

    /// Keeps the frames from one engine to another on the way.
    ///
    /// @param from the sender
    /// @param to the receiver
    public void hold(String from, String to) {
        locked(() -> pipe(from, to).hold(true));
    }

    /// Lets the frames arrive that [#hold] kept.
    ///
    /// @param from the sender
    /// @param to the receiver
    public void release(String from, String to) {
        locked(() -> pipe(from, to).hold(false));
    }

    /// Lets all frames vanish that one engine sends to another from now on.
    ///
    /// @param from the sender
    /// @param to the receiver
    public void drop(String from, String to) {
        locked(() -> pipe(from, to).drop(true));
    }

    /// Ends what [#drop] began.
    ///
    /// @param from the sender
    /// @param to the receiver
    public void restore(String from, String to) {
        locked(() -> pipe(from, to).drop(false));
    }

    /// Delays what one engine sends to another from now on. Its order stays.
    ///
    /// @param from the sender
    /// @param to the receiver
    /// @param least the shortest delay, 0 or more
    /// @param most the longest delay
    public void delay(String from, String to, Duration least, Duration most) {
        if (least.isNegative() || most.compareTo(least) < 0) {
            throw new IllegalArgumentException(
                    "expected delays of 0 or more, the longest one last, got: "
                            + least
                            + " and "
                            + most);
        }
        locked(() -> pipe(from, to).delay(least.toNanos(), most.toNanos()));
    }

    /// Delivers one frame or one report of members. Only for a [#manual] network. What is chosen
    /// depends on the seed.
    ///
    /// @return false if nothing can be delivered now
    public boolean step() {
        requireManual();
        Runnable delivery =
                locked(() -> {
                    List<Runnable> ready = new ArrayList<>();
                    engines.values().forEach(engine -> engine.addReady(ready, now()));
                    return ready.isEmpty() ? null : pick(ready);
                });
        return run(delivery);
    }

    /// Delivers the next frame from one engine to another. Only for a [#manual] network.
    ///
    /// @param from the sender
    /// @param to the receiver
    /// @return false if there is none that can be delivered now
    public boolean step(String from, String to) {
        requireManual();
        return run(
                locked(() -> {
                    Pipe pipe = pipe(from, to);
                    return pipe.isReady(now()) ? get(to).delivery(pipe) : null;
                }));
    }

    /// Delivers the next report of members of an engine. Only for a [#manual] network.
    ///
    /// @param at the engine
    /// @return false if there is none
    public boolean report(String at) {
        requireManual();
        return run(locked(() -> get(at).report()));
    }

    /// Lets time pass. Only for a [#manual] network.
    ///
    /// @param time how much, 0 or more
    public void advance(Duration time) {
        requireManual();
        if (time.isNegative()) {
            throw new IllegalArgumentException("expected a time of 0 or more, got: " + time);
        }
        locked(() -> manualTime += time.toNanos());
    }

    /// Returns how many frames are on the way from one engine to another.
    ///
    /// @param from the sender
    /// @param to the receiver
    /// @return the number of frames
    public int pending(String from, String to) {
        return locked(() -> pipe(from, to).size());
    }

    private static boolean run(@Nullable Runnable delivery) {
        if (delivery != null) {
            delivery.run();
        }
        return delivery != null;
    }

    private void requireManual() {
        if (!isManual) {
            throw new IllegalStateException("expected a network made by MemoryNetwork.manual");
        }
    }

    // The methods below are for the engines. Those that have no lock of their own need it.

    boolean isManual() {
        return isManual;
    }

    ReentrantLock lock() {
        return lock;
    }

    Condition changed() {
        return changed;
    }

    long now() {
        return isManual ? manualTime : System.nanoTime();
    }

    long delay(long least, long most) {
        return least == most ? least : random.nextLong(least, most);
    }

    Runnable pick(List<Runnable> ready) {
        return ready.get(random.nextInt(ready.size()));
    }

    void add(MemoryEngine engine) {
        for (MemoryEngine other : engines.values()) {
            if (other != engine && other.isStarted()) {
                other.find(engine.member(), false);
                engine.see(other.member());
            }
        }
        engine.reportMembers(Set.of());
    }

    void remove(MemoryEngine engine) {
        if (engines.remove(engine.member().name(), engine)) {
            engine.end();
            engines.values().forEach(other -> other.forget(engine.member()));
            changed.signalAll();
        }
    }

    @Nullable MemoryEngine find(Member member) {
        return engines.values().stream()
                .filter(engine -> engine.member().equals(member))
                .findAny()
                .orElse(null);
    }

    private MemoryEngine get(String name) {
        return Objects.requireNonNull(
                engines.get(name), () -> "expected the name of an open engine, got: " + name);
    }

    private Pipe pipe(String from, String to) {
        return get(to).pipeFrom(get(from).member());
    }

    private void locked(Runnable action) {
        locked(() -> {
            action.run();
            return null;
        });
    }

    private <R extends @Nullable Object> R locked(Result<R> action) {
        lock.lock();
        try {
            R result = action.get();
            changed.signalAll();
            return result;
        } finally {
            lock.unlock();
        }
    }

    /// What is done with two engines.
    @FunctionalInterface
    private interface Pair {
        void of(String one, String other);
    }

    /// What a locked action returns.
    @FunctionalInterface
    private interface Result<R extends @Nullable Object> {
        R get();
    }
}
