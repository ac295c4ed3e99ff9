package io.genserver.supervisor;

import io.genserver.CallException;
import io.genserver.Down;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Match;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.Server;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.spi.ProcessRuntime;
import io.genserver.supervisor.KeyedSupervisor.AtLimit;
import io.genserver.supervisor.Restarts.Next;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The servers of one run of a [KeyedSupervisor]. Any thread, unless stated otherwise.
///
/// ## Why no request is lost in a passivation
///
/// `users` of an entry counts who is about to send to its server or waits for its reply. A sender
/// raises it with a compare-and-set from 0 or more, before it sends. What passivates the server
/// sets it from 0 to ENDING with a compare-and-set. So a sender either prevents the end, or finds
/// ENDING and has the key's next server started. The stop comes into the mailbox after everything
/// that was sent before.
///
/// ## Why a key never has two servers
///
/// An entry is replaced only inside a `compute` of its key, and only when it is ENDING or its
/// server is dead. The server of the new entry waits in its own process for the end of the one
/// before. It may be killed while it waits. So a server waits for all servers before it that had
/// not waited to the end, and an entry that is removed leaves its place to the last one before it
/// whose server is still ending.
///
/// Memory or stack may end after the process of a server has been started and before others can see
/// its entry. So a server begins only if its starter has not abandoned the entry: a compare-and-set
/// from STARTING, by the one and by the other, decides. If the server is first, the start has
/// succeeded. Nothing may fail after that, so the map has a vacant entry for the key before the
/// start.
///
/// ## Why no entry stays behind
///
/// The supervisor is linked to each server and removes the entry when the server's `Exit` arrives.
/// The server may end before the thread that started it has put it into `byPid`. That thread looks
/// whether the server is alive afterwards, and removes the entry itself if not. Either it sees the
/// death, or the server dies later and the supervisor finds the entry.
final class KeyedServers<K, G> implements Children {

    /// What is the same for all servers.
    record Settings<K, G>(
            String name,
            Function<? super K, ? extends GenServer<Ok, ?, ?, ?>> server,
            List<StartOption> options,
            Shutdown shutdown,
            @Nullable Duration idle,
            BiPredicate<? super K, Server<G>> mayEnd,
            int limit,
            AtLimit atLimit) {

        Settings<K, G> withIdle(Duration other, BiPredicate<? super K, Server<G>> hook) {
            return new Settings<>(name, server, options, shutdown, other, hook, limit, atLimit);
        }

        Settings<K, G> withLimit(int other, AtLimit what) {
            return new Settings<>(name, server, options, shutdown, idle, mayEnd, other, what);
        }

        Settings<K, G> withShutdown(Shutdown other) {
            return new Settings<>(name, server, options, other, idle, mayEnd, limit, atLimit);
        }
    }

    /// Among how many unused servers the one is chosen that makes room.
    private static final int SAMPLE = 16;

    /// How much stack the start of a server needs, roughly. Units: levels
    private static final int STACK = 200;

    /// How much stack a release needs, roughly. Units: levels
    private static final int LITTLE_STACK = 60;

    private static final int ENDING = -1;

    private static final int STARTING = 0;
    private static final int BEGUN = 1;
    private static final int ABANDONED = 2;

    private static final VarHandle USERS;
    private static final VarHandle STAGE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            USERS = lookup.findVarHandle(Entry.class, "users", int.class);
            STAGE = lookup.findVarHandle(Entry.class, "stage", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// One server, or none: an entry without a pid is vacant.
    private static final class Entry<K> {
        final K key;

        /// The entry that this one has replaced; null once its server has ended, as have all before
        /// it. Written by the server's process, read by any thread.
        private volatile @Nullable Entry<K> before;

        /// Set by the starter and, before it begins, by the server, to the same value; null if the
        /// entry is vacant.
        private @Nullable Pid pid;

        /// STARTING, then BEGUN by the server or ABANDONED by its starter.
        private volatile int stage = STARTING;

        /// How many senders and callers use the server, at first the one that starts it; ENDING
        /// once no more may. Any thread.
        private volatile int users = 1;

        /// Its place among those that the limit allows.
        private final Places.Place place = new Places.Place();

        /// When it was used last; units: ns. Races OK: it may be a little too old.
        private long used = Processes.monotonicTime();

        /// Whether the hook is being asked. The supervisor sets it, the asking process clears it.
        private volatile boolean asked;

        Entry(K key, @Nullable Entry<K> before) {
            this.key = key;
            this.before = before;
        }

        Pid pid() {
            if (pid == null) {
                throw new AssertionError("an entry that others see has its pid");
            }
            return pid;
        }

        boolean isVacant() {
            return pid == null;
        }

        /// Lets the server begin, unless its starter has abandoned it. The server's process.
        boolean begin() {
            return STAGE.compareAndSet(this, STARTING, BEGUN);
        }

        /// Keeps the server from beginning, unless it has. The starter.
        boolean abandon() {
            return STAGE.compareAndSet(this, STARTING, ABANDONED);
        }

        boolean use() {
            for (int seen = users; seen != ENDING; seen = users) {
                if (USERS.compareAndSet(this, seen, seen + 1)) {
                    return true;
                }
            }
            return false;
        }

        /// @return whether nobody uses the server now
        boolean release() {
            used = Processes.monotonicTime();
            for (int seen = users; seen > 0; seen = users) {
                if (USERS.compareAndSet(this, seen, seen - 1)) {
                    return seen == 1;
                }
            }
            return false; // ending
        }

        boolean isUnused() {
            return users == 0;
        }

        /// Keeps others from using the server, unless somebody does.
        boolean beginEnd() {
            return USERS.compareAndSet(this, 0, ENDING);
        }
    }

    private final Settings<K, G> settings;
    private final StartOption[] options;
    private final Pid supervisor;
    private final ConcurrentHashMap<K, Entry<K>> entries = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Pid, Entry<K>> byPid = new ConcurrentHashMap<>();

    /// The servers that are being ended, by the process that does so.
    private final ConcurrentHashMap<Pid, Entry<K>> ends = new ConcurrentHashMap<>();

    /// Null without a limit.
    private final @Nullable Places places;

    /// Goes around over all entries to find one that makes room. Guarded.
    private Iterator<Entry<K>> hand = Collections.emptyIterator();

    /// Whether the supervisor is stopping. Written by it.
    private volatile boolean closed;

    KeyedServers(Settings<K, G> settings, Pid supervisor) {
        this.settings = settings;
        this.options = settings.options().toArray(StartOption[]::new);
        this.supervisor = supervisor;
        this.places = settings.limit() == Integer.MAX_VALUE ? null : new Places(settings.limit());
    }

    boolean isRunning() {
        return Processes.isAlive(supervisor);
    }

    // Using a server

    Optional<Pid> find(K key) {
        Entry<K> entry = entries.get(key);
        return entry == null || entry.users == ENDING || !Processes.isAlive(entry.pid())
                ? Optional.empty()
                : Optional.of(entry.pid());
    }

    /// Finds or starts the server of a key. The caller then has to release it.
    ///
    /// @return empty if the supervisor is ending
    Optional<Pid> acquire(K key) {
        requireStack(LITTLE_STACK, 1); // the release must not fail
        while (true) {
            Entry<K> entry = entries.get(key);
            if (entry == null || !entry.use()) {
                requireStack(STACK, 1); // a server that is started must get its entry
                Search search = new Search();
                entry = search.run(key);
                if (entry == null) {
                    if (search.started) {
                        return Optional.empty();
                    }
                    continue;
                }
                if (search.started && closed) { // the supervisor may have looked before
                    giveUp(entry);
                    return Optional.empty();
                }
                if (!search.started && !entry.use()) {
                    continue;
                }
            }
            Pid pid = entry.pid();
            if (Processes.isAlive(pid)) {
                return Optional.of(pid);
            }
            remove(entry);
        }
    }

    /// Finds the server of a key, or starts one, which the current thread then uses. Does neither
    /// if another thread has just taken the entry of the key away.
    private final class Search implements BiFunction<K, @Nullable Entry<K>, @Nullable Entry<K>> {
        private boolean started;

        @Nullable Entry<K> run(K key) {
            Entry<K> vacant = new Entry<>(key, null);
            vacant.users = ENDING;
            try {
                entries.putIfAbsent(key, vacant);
                return entries.compute(key, this);
            } catch (Throwable failed) {
                entries.remove(key, vacant); // nothing has been started
                throw failed;
            }
        }

        @Override
        public @Nullable Entry<K> apply(K key, @Nullable Entry<K> known) {
            if (known == null || known.users != ENDING) {
                return known;
            }
            started = true;
            return start(key, known.isVacant() ? null : known);
        }
    }

    /// Throws unless there is stack left for so many levels.
    ///
    /// @return a value that depends on each level, so that none is optimized away
    private static long requireStack(int levels, long seed) {
        return levels == 0 ? seed : requireStack(levels - 1, seed * 31 + levels) ^ seed;
    }

    private @Nullable Entry<K> start(K key, @Nullable Entry<K> before) {
        if (closed) {
            return null;
        }
        Entry<K> entry = new Entry<>(key, before);
        try {
            Optional<Pid> pid =
                    ProcessRuntime.get().startUnder(supervisor, () -> make(entry), Ok.OK, options);
            if (pid.isEmpty()) {
                return null;
            }
            entry.pid = pid.get();
            byPid.put(entry.pid(), entry);
        } catch (Throwable noMemoryOrStack) {
            if (entry.abandon()) {
                endAbandoned(entry);
                throw noMemoryOrStack;
            } // else the server has begun, and has done by itself what failed here
        }
        return entry;
    }

    /// Ends a server that has not begun, so that it does not wait for room any longer. If this
    /// fails too, the server ends when it is about to begin.
    private void endAbandoned(Entry<K> entry) {
        if (entry.pid != null) {
            Processes.exit(entry.pid, ExitReason.KILL);
        }
    }

    void release(K key, Pid pid) {
        Entry<K> entry = entries.get(key);
        if (entry == null || entry.isVacant() || !entry.pid().equals(pid)) {
            return; // it has ended
        }
        // A starting server wants room before it looks at `users`, and a user lowers `users` before
        // it looks whether room is wanted. So one of the two ends an unused server.
        if (entry.release() && isRoomWanted()) {
            passivate(entry);
        }
    }

    private boolean isRoomWanted() {
        return places != null && settings.atLimit() == AtLimit.PASSIVATE && places.isRoomWanted();
    }

    // In the process of a server that starts

    private GenServer<Ok, ?, ?, ?> make(Entry<K> entry) {
        enter(entry);
        for (Entry<K> before = entry.before; before != null; before = before.before) {
            awaitEnd(before.pid());
        }
        entry.before = null;
        if (places != null) {
            takePlace(entry, places);
        }
        // It may have been killed, and the key may have another server by now.
        if (!entry.begin() || !Processes.isAlive(Processes.self())) {
            throw new ExitException(ExitReason.KILLED);
        }
        return settings.server().apply(entry.key);
    }

    /// Makes the server known to the supervisor, unless the supervisor has already seen its end.
    private void enter(Entry<K> entry) {
        Pid self = Processes.self();
        entry.pid = self;
        byPid.put(self, entry);
        if (!Processes.isAlive(self)) {
            byPid.remove(self, entry);
            throw new ExitException(ExitReason.KILLED);
        }
    }

    private static void awaitEnd(Pid before) {
        Ref monitor = Processes.monitor(before);
        Processes.receive(Match.type(Down.class, down -> down.ref().equals(monitor)));
    }

    private void takePlace(Entry<K> entry, Places among) {
        if (!among.take(entry.place)) {
            if (isRoomWanted()) {
                makeRoom();
            }
            Places.await(entry.place);
        }
    }

    /// Ends servers that nobody uses, as many as are missing, if there are some.
    private void makeRoom() {
        for (Entry<K> oldest = oldestUnused();
                oldest != null && isRoomWanted();
                oldest = oldestUnused()) {
            if (beginEnd(oldest)) {
                end(oldest, () -> true);
            }
        }
    }

    private synchronized @Nullable Entry<K> oldestUnused() {
        Entry<K> oldest = null;
        int found = 0;
        for (int i = entries.size() + SAMPLE; i > 0 && found < SAMPLE; i--) {
            if (!hand.hasNext()) {
                hand = entries.values().iterator();
                if (!hand.hasNext()) {
                    break;
                }
            }
            Entry<K> next = hand.next();
            if (next.isUnused() && places != null && places.isHeld(next.place)) {
                found++;
                oldest = oldest == null || next.used - oldest.used < 0 ? next : oldest;
            }
        }
        return oldest;
    }

    // Ending a server

    /// Has a server end unless somebody uses it then. Does not wait.
    private void passivate(Entry<K> entry) {
        end(entry, () -> beginEnd(entry));
    }

    private boolean beginEnd(Entry<K> entry) {
        if (!entry.beginEnd()) {
            return false;
        }
        if (places != null) {
            places.begunToEnd(entry.place);
        }
        return true;
    }

    /// Has a server end. This takes a process of its own, because the current thread may be that of
    /// a client that has been killed, and must not leave a server that nobody can use and nobody
    /// ends. The process is a server that does not start, because a dead process cannot spawn.
    ///
    /// @param begin returns whether the server has to end; called by the other process
    private void end(Entry<K> entry, BooleanSupplier begin) {
        try {
            Optional<Pid> _ =
                    ProcessRuntime.get().startUnder(supervisor, () -> new End(entry, begin), Ok.OK);
        } catch (OutOfMemoryError noMemory) {
            if (entry.users == ENDING) { // the next server of the key waits for the end of this one
                Processes.exit(entry.pid(), ExitReason.KILL);
            }
            throw noMemory;
        }
    }

    /// The process that ends a server. If it is killed, another one goes on.
    private final class End implements GenServer<Ok, Ok, Object, Object> {
        private final Entry<K> entry;
        private final BooleanSupplier begin;

        End(Entry<K> entry, BooleanSupplier begin) {
            this.entry = entry;
            this.begin = begin;
        }

        @Override
        public Init<Ok> init(Ok ok) {
            ends.put(Processes.self(), entry);
            if (begin.getAsBoolean()) {
                end(entry.pid());
            }
            return Init.ignore();
        }
    }

    /// Ends a server after what is in its mailbox, and waits for that without a limit, because its
    /// messages and its state must not be lost.
    private void end(Pid pid) {
        if (settings.shutdown() == Shutdown.Brutal.KILL) {
            Processes.exit(pid, ExitReason.KILL);
            return;
        }
        try {
            GenServer.stop(pid, ExitReason.SHUTDOWN);
        } catch (CallException notStopped) {
            if (Processes.isAlive(pid)) {
                Processes.exit(pid, ExitReason.SHUTDOWN); // the next server waits for its end
                throw notStopped;
            } // else it has ended by itself; if it has crashed, the supervisor logs that
        } catch (Error noMemory) { // the next server of the key waits for the end of this one
            Processes.exit(pid, ExitReason.KILL);
            throw noMemory;
        }
    }

    void stop(K key) {
        Entry<K> entry = entries.get(key);
        if (entry == null || entry.isVacant()) {
            return;
        }
        if (Processes.isProcess() && Processes.self().equals(entry.pid())) {
            throw new IllegalStateException(
                    "expected another process to stop the server of key "
                            + ChildSpec.text(key)
                            + ", got: the server itself, which stops by returning stop");
        }
        requireStack(STACK, 1); // a server that is to end must get to know it
        end(entry, () -> forceEnd(entry));
        entry.users = ENDING; // before the stop, because nothing may be sent after it
        end(entry.pid());
        if (!Processes.isAlive(entry.pid())) {
            remove(entry); // the supervisor may handle the exit later
        }
    }

    private static boolean forceEnd(Entry<?> entry) {
        entry.users = ENDING;
        return true;
    }

    /// Ends a server that nobody can find.
    private void giveUp(Entry<K> entry) {
        byPid.remove(entry.pid());
        freePlace(entry);
        Processes.exit(entry.pid(), ExitReason.KILL);
    }

    private void freePlace(Entry<K> entry) {
        if (places != null) {
            places.leave(entry.place);
        }
    }

    private void remove(Entry<K> entry) {
        entry.users = ENDING;
        Entry<K> ending = living(entry.before);
        if (ending == null) {
            entries.remove(entry.key, entry);
        } else if (entries.replace(entry.key, entry, ending) && !Processes.isAlive(ending.pid())) {
            remove(ending); // its own removal may have come before
        }
        byPid.remove(entry.pid(), entry);
        freePlace(entry);
    }

    private static <K> @Nullable Entry<K> living(@Nullable Entry<K> last) {
        Entry<K> entry = last;
        while (entry != null && !Processes.isAlive(entry.pid())) {
            entry = entry.before;
        }
        return entry;
    }

    // The supervisor

    @Override
    public Next ended(Pid pid, ExitReason reason) {
        Entry<K> unfinished = ends.remove(pid);
        if (unfinished != null
                && unfinished.users == ENDING
                && Processes.isAlive(unfinished.pid())) {
            end(unfinished, () -> true);
        }
        Entry<K> entry = byPid.get(pid);
        if (entry != null) {
            remove(entry);
            if (!reason.isOrderly()) {
                Reports.keyedServerEnded(settings.name(), entry.key, pid, reason);
            }
        }
        return Next.GO_ON;
    }

    /// Passivates the servers that were not used for long enough.
    void sweep(Duration idle) {
        long limit = idle.toNanos();
        long now = Processes.monotonicTime();
        for (Entry<K> entry : entries.values()) {
            if (entry.isUnused() && now - entry.used >= limit && !entry.asked) {
                entry.asked = true;
                Processes.spawn(() -> passivateIfAllowed(entry));
            }
        }
    }

    private void passivateIfAllowed(Entry<K> entry) {
        long used = entry.used;
        try {
            if (!settings.mayEnd().test(entry.key, Server.of(entry.pid()))) {
                entry.used = Processes.monotonicTime();
            } else if (used == entry.used) {
                passivate(entry);
            }
        } finally {
            entry.asked = false;
        }
    }

    List<K> keys() {
        return entries.entrySet().stream()
                .filter(entry -> !entry.getValue().isVacant())
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public Next tryAgain(Restarts.Retrial retrial) {
        throw new AssertionError("no server of a key is restarted");
    }

    @Override
    public List<Child> which() {
        List<Child> all = new ArrayList<>();
        entries.forEach((key, entry) -> {
            if (!entry.isVacant()) {
                all.add(new Child(key, Optional.of(entry.pid()), false, ChildSpec.Type.WORKER));
            }
        });
        return all;
    }

    @Override
    public SupervisorSnapshot snapshot() {
        return new SupervisorSnapshot(entries.size(), 0, List.of()); // a server is never restarted
    }

    @Override
    public ChildCount count() {
        int size = entries.size();
        return new ChildCount(size, size, 0, size);
    }

    @Override
    public void terminateAll() {
        closed = true;
        ChildSpec<?> spec =
                ChildSpec.worker(settings.name(), Start.Ignore<G>::new)
                        .withRestart(Restart.TEMPORARY)
                        .withShutdown(settings.shutdown());
        ChildSpec<?> withoutState = spec.withShutdown(Shutdown.brutalKill());
        while (!byPid.isEmpty()) { // others may be starting
            Stopping stopping = new Stopping();
            List<Pid> told = new ArrayList<>();
            byPid.forEach((pid, entry) -> {
                boolean waits = places != null && !places.isHeld(entry.place);
                stopping.begin(waits ? withoutState : spec, pid);
                told.add(pid);
            });
            stopping.await();
            told.forEach(byPid::remove);
        }
        entries.clear();
    }

    @Override
    public String toString() {
        return entries.size() + " servers";
    }
}
