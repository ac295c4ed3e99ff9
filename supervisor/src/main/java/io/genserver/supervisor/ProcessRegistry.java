package io.genserver.supervisor;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.Via;
import io.genserver.ViaRegistry;
import io.genserver.spi.PerNode;
import io.genserver.spi.ProcessRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Finds processes by keys of any type, such as names made at run time, topics with subscribers, or
/// a pool with workers.
///
/// ```java
/// static final ProcessRegistry<String, Integer> BUCKETS = ProcessRegistry.unique("kv.Buckets");
///
/// Supervisor.startLink(List.of(BUCKETS.childSpec(), …), flags);
/// Server<Bucket> shopping = BUCKETS.server("shopping", Bucket.class);
/// Bucket.startLink(StartOption.name(shopping));
/// Bucket.put(shopping, "milk", 1);
/// ```
///
/// Declare a registry once, as a constant, and run it as a child of a supervisor. In a *unique*
/// registry a key has one process, so keys can be names. In a *duplicate* registry a key may have
/// any number of processes. Such keys can be topics: [#broadcast] sends a message to all processes
/// of a key, and [#dispatch] runs a function on their entries.
///
/// ```java
/// static final ProcessRegistry<String, Void> TOPICS = ProcessRegistry.duplicate("kv.Topics");
///
/// TOPICS.register("shopping");                            // in the subscriber
/// TOPICS.broadcast("shopping", new Changed("milk", 1));   // in any thread
/// ```
///
/// ## Guarantees
///
/// - A process registers only itself.
/// - When [#register] or [#unregister] returns, every process sees the change.
/// - To look up a key, a caller reads a table and asks no other process.
/// - The entries of a process that has ended are removed soon after its end. Until then [#lookup]
///   may return them. In a unique registry the key is free at once.
/// - A registered process is linked to the registry. If the registry stops or crashes, the
///   registered processes end too, unless they trap exits. So no process goes on under a name that
///   others cannot find.
///
/// ## When not to use it
///
/// For a few fixed names use [StartOption#name(String)].
///
/// Source: Elixir's `Registry`.
///
/// @param <K> the type of the keys
/// @param <V> the type of the values
public final class ProcessRegistry<K, V extends @Nullable Object> implements ViaRegistry {

    /// How many processes a key may have.
    public enum Keys {
        /// One process.
        UNIQUE,
        /// Any number of processes, each any number of times.
        DUPLICATE
    }

    /// A process that is registered under a key.
    ///
    /// @param key the key
    /// @param pid the process
    /// @param value the value it has registered with
    /// @param <K> the type of the keys
    /// @param <V> the type of the values
    public record Entry<K, V extends @Nullable Object>(K key, Pid pid, V value) {}

    /// The result of [#updateValue].
    ///
    /// @param value the new value
    /// @param old the value before
    /// @param <V> the type of the values
    public record Updated<V extends @Nullable Object>(V value, V old) {}

    /// A key and the value to register with, as the key of a [Via].
    private record Valued(Object key, @Nullable Object value) {}

    private final String name;
    private final Keys keys;
    private final int partitions;
    private final List<String> listeners;
    private final PerNode<Map<Object, Object>> meta = new PerNode<>();

    /// The tables of the current run on each node. Set by the registry's supervisor, read by any
    /// thread.
    private final PerNode<RegistryTables<K, V>> tables = new PerNode<>();

    private ProcessRegistry(String name, Keys keys, int partitions, List<String> listeners) {
        this.name = new Name(Arguments.notNull(name, "name")).name();
        this.keys = keys;
        this.partitions = partitions;
        this.listeners = List.copyOf(listeners);
    }

    /// Declares a registry in which a key has one process.
    ///
    /// @param name the name of the registry and of its supervisor, not blank
    /// @param <K> the type of the keys
    /// @param <V> the type of the values
    /// @return the registry, which does not run yet
    /// @throws IllegalArgumentException if the name is blank
    public static <K, V extends @Nullable Object> ProcessRegistry<K, V> unique(String name) {
        return new ProcessRegistry<>(name, Keys.UNIQUE, 1, List.of());
    }

    /// Declares a registry in which a key may have any number of processes.
    ///
    /// @param name the name of the registry and of its supervisor, not blank
    /// @param <K> the type of the keys
    /// @param <V> the type of the values
    /// @return the registry, which does not run yet
    /// @throws IllegalArgumentException if the name is blank
    public static <K, V extends @Nullable Object> ProcessRegistry<K, V> duplicate(String name) {
        return new ProcessRegistry<>(name, Keys.DUPLICATE, 1, List.of());
    }

    /// Returns another registry with the same name and another number of partitions, by default
    /// one. Use several if many processes register and end all the time, because the partitions
    /// remove the entries of ended processes. Use only the result, because both registries have the
    /// same name.
    ///
    /// @param count the number of partitions, 1 or more
    /// @return the changed registry
    /// @throws IllegalArgumentException if the number is less than 1
    public ProcessRegistry<K, V> withPartitions(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("expected 1 partition or more, got: " + count);
        }
        return new ProcessRegistry<>(name, keys, count, listeners);
    }

    /// Returns another registry with the same name and one more listener. The process with the
    /// listener's name gets a [RegistryEvent] for each registration and unregistration. Use only
    /// the result, because both registries have the same name.
    ///
    /// @param listener the name of a process, not blank
    /// @return the changed registry
    /// @throws IllegalArgumentException if the name is blank
    public ProcessRegistry<K, V> withListener(String listener) {
        List<String> all = new ArrayList<>(listeners);
        all.add(new Name(Arguments.notNull(listener, "listener")).name());
        return new ProcessRegistry<>(name, keys, partitions, all);
    }

    /// Starts the registry, links it to the calling process, and waits until it has started.
    /// Source: `Registry.start_link/1`.
    ///
    /// @return how the start went; fails with [ExitReason.AlreadyStarted] if the registry already
    ///   runs
    /// @throws ExitException as [GenServer#startLink] does
    public Start<ProcessRegistry<K, V>> startLink() {
        return Supervisor.startLink(
                ProcessRegistry.class, this::init, partitions, StartOption.name(name));
    }

    /// Returns the specification of the registry, with its name as the id. Source:
    /// `Registry.child_spec/1`.
    ///
    /// @return the specification
    public ChildSpec<ProcessRegistry<K, V>> childSpec() {
        return ChildSpec.supervisor(name, this::startLink);
    }

    /// Makes the partitions. Runs in the registry's supervisor.
    private SupervisorInit init(Integer count) {
        RegistryTables<K, V> fresh = new RegistryTables<>(name, Processes.self(), count);
        List<ChildSpec<?>> children = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RegistryPartition.Argument argument = new RegistryPartition.Argument(fresh, i);
            children.add(
                    ChildSpec.worker(
                            i, () -> GenServer.startLink(RegistryPartition::new, argument)));
        }
        tables.set(fresh);
        Strategy strategy = keys == Keys.UNIQUE ? Strategy.ONE_FOR_ALL : Strategy.ONE_FOR_ONE;
        return SupervisorInit.of(children, SupervisorFlags.of(strategy));
    }

    /// Returns what a registry holds, without asking it and from any thread. OTP has no
    /// counterpart.
    ///
    /// @param partition a child of the registry's supervisor
    /// @param limit how many entries to return at most, 0 or more
    /// @return what the registry holds; empty if the process belongs to no registry, or is dead
    /// @throws IllegalArgumentException if the limit is negative
    public static Optional<RegistrySnapshot> snapshot(Pid partition, int limit) {
        return ProcessRuntime.get()
                .published(Arguments.notNull(partition, "partition"))
                .filter(RegistryTables.class::isInstance)
                .map(published -> ((RegistryTables<?, ?>) published).snapshot(limit));
    }

    /// Returns the name of the registry.
    ///
    /// @return the name
    public String name() {
        return name;
    }

    private Map<Object, Object> metadata() {
        return meta.getOrSet(ConcurrentHashMap::new);
    }

    private @Nullable RegistryTables<K, V> tablesIfRunning() {
        RegistryTables<K, V> known = tables.get();
        return known == null || !Processes.isAlive(known.supervisor) ? null : known;
    }

    private RegistryTables<K, V> running() {
        RegistryTables<K, V> known = tablesIfRunning();
        if (known == null) {
            throw new IllegalStateException(notRunning());
        }
        return known;
    }

    private String notRunning() {
        return "expected the registry "
                + name
                + " to run, but it does not: start it, or have it as a child of a supervisor";
    }

    /// Registers the calling process under a key without a value: the value of its entry is null.
    /// Everything else is as for [#register(Object, Object)].
    ///
    /// A registry that needs no values, such as one of topics, has [Void] as the type of its
    /// values.
    ///
    /// @param key the key
    /// @return how it went; in a duplicate registry always [Registration.Ok]
    /// @throws IllegalStateException as [#register(Object, Object)] does
    /// @throws ExitException as [#register(Object, Object)] does
    @SuppressWarnings("NullAway") // documented to be null
    public Registration register(K key) {
        return register(key, null);
    }

    /// Registers the calling process under a key and links it to the registry. Does not block.
    ///
    /// Source: `Registry.register/3`.
    ///
    /// @param key the key
    /// @param value the value
    /// @return how it went; in a duplicate registry always [Registration.Ok]
    /// @throws IllegalStateException if the thread is not a process, or the registry does not run
    /// @throws ExitException with `noproc` if the registry's partition for this process is being
    ///   restarted
    public Registration register(K key, V value) {
        Arguments.notNull(key, "key");
        Pid self = Processes.self();
        RegistryTables<K, V> now = running();
        Pid partition = now.partition(self).orElseThrow(() -> new ExitException(ExitReason.NOPROC));
        boolean first = !now.knows(self);
        Processes.link(partition);
        Entry<K, V> entry = new Entry<>(key, self, value);
        boolean added = false;
        try {
            Pid holder = now.add(entry, keys == Keys.UNIQUE);
            if (holder != null) {
                return new Registration.AlreadyRegistered(holder);
            }
            added = true;
        } finally { // the key's equals or hashCode may throw
            if (!added && first) {
                Processes.unlink(partition);
            }
        }
        if (!Processes.isAlive(partition)) {
            // The partition is being restarted, and the new one may have missed the entry.
            now.remove(self, key, List.of(entry));
            throw new ExitException(ExitReason.NOPROC);
        }
        tell(new RegistryEvent.Registered(name, key, self, value));
        return new Registration.Ok(partition);
    }

    /// Removes all entries of the calling process under a key, if there are any.
    ///
    /// Source: `Registry.unregister/2`.
    ///
    /// @param key the key
    /// @throws IllegalStateException if the thread is not a process, or the registry does not run
    public void unregister(K key) {
        unregisterMatch(key, _ -> true);
    }

    /// Removes the entries of the calling process under a key whose value passes a test.
    ///
    /// Source: `Registry.unregister_match/4`.
    ///
    /// @param key the key
    /// @param test the test; runs on the calling thread
    /// @throws IllegalStateException if the thread is not a process, or the registry does not run
    public void unregisterMatch(K key, Predicate<? super V> test) {
        Arguments.notNull(key, "key");
        Arguments.notNull(test, "test");
        unregisterMatch(running(), key, test);
    }

    private void unregisterMatch(RegistryTables<K, V> now, K key, Predicate<? super V> test) {
        Pid self = Processes.self();
        List<Entry<K, V>> matching =
                now.lookup(key, self).stream().filter(entry -> test.test(entry.value())).toList();
        if (now.remove(self, key, matching)) {
            now.partition(self).ifPresent(Processes::unlink);
        }
        tell(new RegistryEvent.Unregistered(name, key, self));
    }

    /// Replaces the value of the calling process under a key of a unique registry.
    ///
    /// The function runs on the calling thread and may use the registry. If it changes the value
    /// under the same key, its result replaces that change.
    ///
    /// Source: `Registry.update_value/3`.
    ///
    /// @param key the key
    /// @param function makes the new value from the old one
    /// @return the values; empty if the calling process does not have the key before or after the
    ///   function runs
    /// @throws IllegalStateException if the thread is not a process, or the registry is not unique
    ///   or does not run
    public Optional<Updated<V>> updateValue(K key, UnaryOperator<V> function) {
        Arguments.notNull(key, "key");
        Arguments.notNull(function, "function");
        needUnique("updateValue");
        RegistryTables<K, V> now = running();
        Pid self = Processes.self();
        List<Entry<K, V>> mine = now.lookup(key, self);
        if (mine.isEmpty()) {
            return Optional.empty();
        }
        V old = mine.getFirst().value();
        V value = function.apply(old);
        return now.replace(new Entry<>(key, self, value))
                ? Optional.of(new Updated<>(value, old))
                : Optional.empty();
    }

    private void needUnique(String what) {
        if (keys != Keys.UNIQUE) {
            throw new IllegalStateException(
                    "expected a unique registry for " + what + ", got: " + name + ", a duplicate");
        }
    }

    private void tell(RegistryEvent event) {
        for (String listener : listeners) {
            Processes.whereis(listener).ifPresent(pid -> Processes.send(pid, event));
        }
    }

    /// Returns the entries of a key.
    ///
    /// Source: `Registry.lookup/2`.
    ///
    /// @param key the key
    /// @return the entries, in the order in which their processes first registered under the key;
    ///   may include a process that has just ended
    /// @throws IllegalStateException if the registry does not run
    public List<Entry<K, V>> lookup(K key) {
        Arguments.notNull(key, "key");
        return running().lookup(key);
    }

    /// Returns the live process that has a key of a unique registry. Source:
    /// `Registry.whereis_name/1`.
    ///
    /// @param key the key
    /// @return the process, or empty
    /// @throws IllegalStateException if the registry is not unique or does not run
    public Optional<Pid> whereis(K key) {
        Arguments.notNull(key, "key");
        needUnique("whereis");
        return whereis(running(), key);
    }

    private Optional<Pid> whereis(RegistryTables<K, V> now, K key) {
        for (Entry<K, V> entry : now.lookup(key)) { // a stream takes three times as long
            if (Processes.isAlive(entry.pid())) {
                return Optional.of(entry.pid());
            }
        }
        return Optional.empty();
    }

    /// Returns the keys of a process. Source: `Registry.keys/2`.
    ///
    /// @param pid the process
    /// @return the keys, each as often as the process has entries under it
    /// @throws IllegalStateException if the registry does not run
    public List<K> keys(Pid pid) {
        Arguments.notNull(pid, "pid");
        return running().keys(pid);
    }

    /// Returns the values of a process under a key. Source: `Registry.values/3`.
    ///
    /// @param key the key
    /// @param pid the process
    /// @return the values
    /// @throws IllegalStateException if the registry does not run
    public List<V> values(K key, Pid pid) {
        Arguments.notNull(key, "key");
        Arguments.notNull(pid, "pid");
        List<V> values = new ArrayList<>(); // may hold null
        for (Entry<K, V> entry : running().lookup(key, pid)) {
            values.add(entry.value());
        }
        return values;
    }

    /// Counts the entries by reading all of them. Source: `Registry.count/1`.
    ///
    /// @return the number
    /// @throws IllegalStateException if the registry does not run
    public int count() {
        return countSelect(_ -> true);
    }

    /// Returns the entries of a key whose value passes a test. Source: `Registry.match/4`.
    ///
    /// @param key the key
    /// @param test the test; runs on the calling thread
    /// @return the entries
    /// @throws IllegalStateException if the registry does not run
    public List<Entry<K, V>> match(K key, Predicate<? super V> test) {
        Arguments.notNull(key, "key");
        Arguments.notNull(test, "test");
        return lookup(key).stream().filter(entry -> test.test(entry.value())).toList();
    }

    /// Counts the entries of a key whose value passes a test. Source: `Registry.count_match/4`.
    ///
    /// @param key the key
    /// @param test the test; runs on the calling thread
    /// @return the number
    /// @throws IllegalStateException if the registry does not run
    public int countMatch(K key, Predicate<? super V> test) {
        return match(key, test).size();
    }

    /// Returns all entries that pass a test. Source: `Registry.select/2`.
    ///
    /// @param test the test; runs on the calling thread
    /// @return the entries, in no particular order
    /// @throws IllegalStateException if the registry does not run
    public List<Entry<K, V>> select(Predicate<Entry<K, V>> test) {
        Arguments.notNull(test, "test");
        List<Entry<K, V>> selected = new ArrayList<>();
        running().forEach((_, entries) -> entries.stream().filter(test).forEach(selected::add));
        return selected;
    }

    /// Counts all entries that pass a test. Source: `Registry.count_select/2`.
    ///
    /// @param test the test; runs on the calling thread
    /// @return the number
    /// @throws IllegalStateException if the registry does not run
    public int countSelect(Predicate<Entry<K, V>> test) {
        return select(test).size();
    }

    /// Runs a function on the entries of a key, on the calling thread. It does not run if there are
    /// no entries. In a duplicate registry with several partitions it runs once for each partition
    /// that has entries of the key.
    ///
    /// Source: `Registry.dispatch/4`.
    ///
    /// @param key the key
    /// @param function the work for the entries
    /// @throws IllegalStateException if the registry does not run
    public void dispatch(K key, Consumer<List<Entry<K, V>>> function) {
        Arguments.notNull(key, "key");
        Arguments.notNull(function, "function");
        byPartition(key).forEach(function);
    }

    /// Sends a message to the processes of a key, in the order in which they first registered under
    /// it. A process with several entries under the key gets the message as often. Does not block,
    /// unless a mailbox has a limit and lets its senders wait; see [StartOption#mailbox].
    ///
    /// If some refuse the message because their mailboxes are full, the others still get it.
    ///
    /// Source: `Registry.dispatch/4` with a function that sends, and `Phoenix.PubSub.broadcast/3`.
    ///
    /// @param key the key
    /// @param message the message
    /// @throws ExitException the first one that a process's mailbox has caused, after all processes
    /// @throws IllegalStateException if the registry does not run
    public void broadcast(K key, Object message) {
        Arguments.notNull(message, "message");
        ExitException first = null;
        for (Entry<K, V> entry : lookup(key)) {
            try {
                Processes.send(entry.pid(), message);
            } catch (ExitException refused) {
                first = first == null ? refused : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /// Runs a function on the entries of a key, as [#dispatch] does, in a task for each partition.
    /// Waits, without limit, until all tasks have ended or one has failed. The tasks are linked to
    /// the calling process. So a failure of the function ends the calling process, unless it traps
    /// exits.
    ///
    /// Source: `Registry.dispatch/4` with `parallel: true`.
    ///
    /// @param key the key
    /// @param function the work for the entries; runs in the tasks
    /// @throws IllegalStateException if the thread is not a process and the key has entries, or the
    ///   registry does not run
    /// @throws TaskExitException if the function fails and the calling process traps exits
    public void dispatchParallel(K key, Consumer<List<Entry<K, V>>> function) {
        Arguments.notNull(key, "key");
        Arguments.notNull(function, "function");
        List<Task<Boolean>> tasks = new ArrayList<>();
        for (List<Entry<K, V>> entries : byPartition(key)) {
            tasks.add(
                    Task.async(() -> {
                        function.accept(entries);
                        return true;
                    }));
        }
        Task.awaitMany(tasks, GenServer.INFINITY);
    }

    private List<List<Entry<K, V>>> byPartition(K key) {
        RegistryTables<K, V> now = running();
        List<Entry<K, V>> all = now.lookup(key);
        if (keys == Keys.UNIQUE || now.partitions() == 1) {
            return all.isEmpty() ? List.of() : List.of(all);
        }
        Map<Integer, List<Entry<K, V>>> groups = new java.util.TreeMap<>();
        for (Entry<K, V> entry : all) {
            groups.computeIfAbsent(now.partitionOf(entry.pid()), _ -> new ArrayList<>()).add(entry);
        }
        return List.copyOf(groups.values());
    }

    /// Stores a value with the registry itself, on the current node. The value stays when the
    /// registry stops or is restarted.
    ///
    /// Source: `Registry.put_meta/3`.
    ///
    /// @param key the key
    /// @param value the value
    public void putMeta(Object key, Object value) {
        metadata().put(Arguments.notNull(key, "key"), Arguments.notNull(value, "value"));
    }

    /// Returns a value that [#putMeta] stored. Source: `Registry.meta/2`.
    ///
    /// @param key the key
    /// @return the value, or empty
    public Optional<Object> meta(Object key) {
        return Optional.ofNullable(metadata().get(Arguments.notNull(key, "key")));
    }

    /// Removes a value that [#putMeta] stored. Source: `Registry.delete_meta/2`.
    ///
    /// @param key the key
    public void deleteMeta(Object key) {
        metadata().remove(Arguments.notNull(key, "key"));
    }

    /// Returns a reference to the process that has a key of a unique registry. A server that is
    /// started under this reference registers with null as its value. While the registry does not
    /// run, the reference leads to no process: a call fails with `noproc` and a message that says
    /// so, and a cast or a message that is sent becomes a dead letter.
    ///
    /// Source: `{:via, Registry, {registry, key}}`.
    ///
    /// @param key the key
    /// @return the reference, for [StartOption#name(Via)] and wherever a [ServerRef] is expected
    /// @throws IllegalStateException if the registry is not unique
    public Via via(K key) {
        needUnique("via");
        return ServerRef.via(this, Arguments.notNull(key, "key"));
    }

    /// Returns a typed reference to the server that has a key of a unique registry. Everything else
    /// is as for [#via(Object)].
    ///
    /// @param key the key
    /// @param type the class of the server, as the caller states
    /// @param <G> the class of the server
    /// @return the reference
    /// @throws IllegalStateException if the registry is not unique
    public <G> Server<G> server(K key, Class<G> type) {
        Arguments.notNull(type, "type");
        return Server.of(via(key), type);
    }

    /// Returns a reference to the process that has a key of a unique registry, as [#via(Object)]
    /// does. A server that is started under this reference registers with the given value.
    ///
    /// Source: `{:via, Registry, {registry, key, value}}`.
    ///
    /// @param key the key
    /// @param value the value
    /// @return the reference
    /// @throws IllegalStateException if the registry is not unique
    public Via via(K key, V value) {
        needUnique("via");
        return ServerRef.via(this, new Valued(Arguments.notNull(key, "key"), value));
    }

    @Override
    @SuppressWarnings({"unchecked", "NullAway"}) // via() fixes the types
    public boolean registerName(Object key, Pid pid) {
        Arguments.notNull(key, "key");
        if (!Arguments.notNull(pid, "pid").equals(Processes.self())) {
            throw new IllegalArgumentException(
                    "expected a process to register itself, " + Processes.self() + ", got: " + pid);
        }
        V value = key instanceof Valued valued ? (V) valued.value() : null;
        return register((K) plain(key), value) instanceof Registration.Ok;
    }

    @Override
    @SuppressWarnings("unchecked") // via() fixes the type
    public void unregisterName(Object key) {
        Arguments.notNull(key, "key");
        RegistryTables<K, V> now = tablesIfRunning();
        if (now != null) { // a registry that does not run has no entries
            unregisterMatch(now, (K) plain(key), _ -> true);
        }
    }

    @Override
    @SuppressWarnings("unchecked") // via() fixes the type
    public Optional<Pid> whereisName(Object key) {
        Arguments.notNull(key, "key");
        needUnique("whereisName");
        RegistryTables<K, V> now = tablesIfRunning();
        if (now == null) {
            throw new NotRunningException(notRunning());
        }
        return whereis(now, (K) plain(key));
    }

    private static Object plain(Object key) {
        return key instanceof Valued valued ? valued.key() : key;
    }

    @Override
    public String toString() {
        return "ProcessRegistry[" + name + "]";
    }
}
