package io.genserver.supervisor;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.Via;
import io.genserver.ViaRegistry;
import io.genserver.spi.PerNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Finds processes by keys of any kind: names made at run time, subscribers of a topic, workers of
/// a pool.
///
/// ```java
/// static final ProcessRegistry<String, Integer> BUCKETS = ProcessRegistry.unique("kv.Buckets");
///
/// Supervisor.startLink(List.of(BUCKETS.childSpec(), …), flags);
/// Bucket.startLink(StartOption.name(BUCKETS.via("shopping")));
/// Bucket.put(BUCKETS.via("shopping"), "milk", 1);
/// ```
///
/// A registry is declared once, as a constant, and runs as a child of a supervisor. A *unique* one
/// has one process for a key, and so serves as names; in a *duplicate* one any number of processes
/// may have a key, and [#dispatch] reaches them all.
///
/// ## What can be relied on
///
/// Registering and unregistering have taken effect for everybody when they return, and looking up
/// needs no other process: it reads a table. A process registers only itself. The entries of a
/// process that dies are removed soon after; until then [#lookup] may show it, but a unique key of
/// a dead process is free at once.
///
/// A registered process is linked with the registry: if the registry stops or crashes, so does what
/// is registered, unless it traps exits. Nothing is then known by a name that others cannot find.
///
/// ## When not to use it
///
/// For a fixed name in a program, [StartOption#name(String)] is enough.
///
/// Source: Elixir's `Registry`.
///
/// @param <K> the type of the keys
/// @param <V> the type of the values
public final class ProcessRegistry<K, V extends @Nullable Object> implements ViaRegistry {

    /// Whether a key may have one process or many.
    public enum Keys {
        /// One.
        UNIQUE,
        /// Many, and one of them more than once.
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

    /// What [#updateValue] did.
    ///
    /// @param value the new value
    /// @param old the value before
    /// @param <V> the type of the values
    public record Updated<V extends @Nullable Object>(V value, V old) {}

    /// A key together with the value to register with, in a [Via].
    private record Valued(Object key, @Nullable Object value) {}

    private final String name;
    private final Keys keys;
    private final int partitions;
    private final List<String> listeners;
    private final PerNode<Map<Object, Object>> meta = new PerNode<>();

    /// The tables of the present run on each node. Set by its supervisor, read by any thread.
    private final PerNode<RegistryTables<K, V>> tables = new PerNode<>();

    private ProcessRegistry(String name, Keys keys, int partitions, List<String> listeners) {
        this.name = new Name(Arguments.notNull(name, "name")).name();
        this.keys = keys;
        this.partitions = partitions;
        this.listeners = List.copyOf(listeners);
    }

    /// Declares a registry with one process for a key.
    ///
    /// @param name the name of its supervisor, not blank
    /// @param <K> the type of the keys
    /// @param <V> the type of the values
    /// @return the registry, which does not run yet
    public static <K, V extends @Nullable Object> ProcessRegistry<K, V> unique(String name) {
        return new ProcessRegistry<>(name, Keys.UNIQUE, 1, List.of());
    }

    /// Declares a registry with any number of processes for a key.
    ///
    /// @param name the name of its supervisor, not blank
    /// @param <K> the type of the keys
    /// @param <V> the type of the values
    /// @return the registry, which does not run yet
    public static <K, V extends @Nullable Object> ProcessRegistry<K, V> duplicate(String name) {
        return new ProcessRegistry<>(name, Keys.DUPLICATE, 1, List.of());
    }

    /// The same registry with another number of processes, by default 1: for many that register and
    /// die all the time. Another object: keep this one and drop the other.
    ///
    /// @param count how many, 1 or more
    /// @return the changed registry
    /// @throws IllegalArgumentException if the number is less than 1
    public ProcessRegistry<K, V> withPartitions(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("expected 1 partition or more, got: " + count);
        }
        return new ProcessRegistry<>(name, keys, count, listeners);
    }

    /// The same registry with a listener: the process of that name is sent a [RegistryEvent] for
    /// each registering and unregistering. Another object: keep this one and drop the other.
    ///
    /// @param listener the name of a process
    /// @return the changed registry
    public ProcessRegistry<K, V> withListener(String listener) {
        List<String> all = new ArrayList<>(listeners);
        all.add(new Name(Arguments.notNull(listener, "listener")).name());
        return new ProcessRegistry<>(name, keys, partitions, all);
    }

    /// Starts the registry, linked to the calling process. Source: `Registry.start_link/1`.
    ///
    /// @return how it went
    public Start startLink() {
        return Supervisor.startLink(
                ProcessRegistry.class, this::init, partitions, StartOption.name(name));
    }

    /// The registry as the child of a supervisor. Source: `Registry.child_spec/1`.
    ///
    /// @return the specification
    public ChildSpec childSpec() {
        return ChildSpec.supervisor(name, this::startLink);
    }

    /// In the registry's supervisor.
    private SupervisorInit init(Integer count) {
        RegistryTables<K, V> fresh = new RegistryTables<>(name, Processes.self(), count);
        List<ChildSpec> children = new ArrayList<>();
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

    /// The registry's name.
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
            throw new IllegalStateException(
                    "expected the registry "
                            + name
                            + " to run, but it does not: start it, or have it as a child of a"
                            + " supervisor");
        }
        return known;
    }

    /// Registers the calling process. Source: `Registry.register/3`.
    ///
    /// @param key the key
    /// @param value the value
    /// @return how it went; in a duplicate registry always well
    /// @throws IllegalStateException if the thread is no process, or the registry does not run
    /// @throws ExitException with `noproc` if the registry is just being restarted
    public Registration register(K key, V value) {
        Arguments.notNull(key, "key");
        Pid self = Processes.self();
        RegistryTables<K, V> now = running();
        Pid partition = now.partition(self).orElseThrow(() -> new ExitException(ExitReason.NOPROC));
        boolean first = !now.knows(self);
        Processes.link(partition);
        Entry<K, V> entry = new Entry<>(key, self, value);
        Pid holder = now.add(entry, keys == Keys.UNIQUE);
        if (holder != null) {
            if (first) {
                Processes.unlink(partition);
            }
            return new Registration.AlreadyRegistered(holder);
        }
        if (!Processes.isAlive(partition)) {
            // It is being restarted; the next one may or may not have seen the entry.
            now.remove(self, key, List.of(entry));
            throw new ExitException(ExitReason.NOPROC);
        }
        tell(new RegistryEvent.Registered(name, key, self, value));
        return new Registration.Ok(partition);
    }

    /// Takes all entries of the calling process under a key away, if there are any. Source:
    /// `Registry.unregister/2`.
    ///
    /// @param key the key
    /// @throws IllegalStateException if the thread is no process, or the registry does not run
    public void unregister(K key) {
        unregisterMatch(key, _ -> true);
    }

    /// Takes those entries of the calling process under a key away whose value passes a test.
    /// Source: `Registry.unregister_match/4`.
    ///
    /// @param key the key
    /// @param test the test
    /// @throws IllegalStateException if the thread is no process, or the registry does not run
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

    /// Replaces the value of the calling process under a key of a unique registry. Source:
    /// `Registry.update_value/3`.
    ///
    /// The function runs in the calling thread, which may use the registry in it. If the function
    /// changes the value under the key as well, its result replaces that change.
    ///
    /// @param key the key
    /// @param function from the value to the new one
    /// @return the values, or empty if the calling process does not have the key, before or after
    ///   the function has run
    /// @throws IllegalStateException if the thread is no process, the registry is not a unique one
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

    /// The processes that have a key, in the order they registered first. Source:
    /// `Registry.lookup/2`.
    ///
    /// @param key the key
    /// @return the entries, possibly of a process that has just died
    /// @throws IllegalStateException if the registry does not run
    public List<Entry<K, V>> lookup(K key) {
        Arguments.notNull(key, "key");
        return running().lookup(key);
    }

    /// The live process that has a key of a unique registry. Source: `Registry.whereis_name/1`.
    ///
    /// @param key the key
    /// @return the process, or empty
    /// @throws IllegalStateException if the registry is not a unique one or does not run
    public Optional<Pid> whereis(K key) {
        Arguments.notNull(key, "key");
        needUnique("whereis");
        return running().lookup(key).stream()
                .map(Entry::pid)
                .filter(Processes::isAlive)
                .findFirst();
    }

    /// The keys of a process, each as often as it has registered with it. Source:
    /// `Registry.keys/2`.
    ///
    /// @param pid the process
    /// @return the keys
    /// @throws IllegalStateException if the registry does not run
    public List<K> keys(Pid pid) {
        Arguments.notNull(pid, "pid");
        return running().keys(pid);
    }

    /// The values of a process under a key. Source: `Registry.values/3`.
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

    /// How many entries there are. Source: `Registry.count/1`.
    ///
    /// @return the number
    /// @throws IllegalStateException if the registry does not run
    public int count() {
        return countSelect(_ -> true);
    }

    /// The entries of a key whose value passes a test. Source: `Registry.match/4`.
    ///
    /// @param key the key
    /// @param test the test
    /// @return the entries
    /// @throws IllegalStateException if the registry does not run
    public List<Entry<K, V>> match(K key, Predicate<? super V> test) {
        Arguments.notNull(key, "key");
        Arguments.notNull(test, "test");
        return lookup(key).stream().filter(entry -> test.test(entry.value())).toList();
    }

    /// How many entries of a key have a value that passes a test. Source: `Registry.count_match/4`.
    ///
    /// @param key the key
    /// @param test the test
    /// @return the number
    /// @throws IllegalStateException if the registry does not run
    public int countMatch(K key, Predicate<? super V> test) {
        return match(key, test).size();
    }

    /// All entries that pass a test. Source: `Registry.select/2`.
    ///
    /// @param test the test
    /// @return the entries, in no order
    /// @throws IllegalStateException if the registry does not run
    public List<Entry<K, V>> select(Predicate<Entry<K, V>> test) {
        Arguments.notNull(test, "test");
        List<Entry<K, V>> selected = new ArrayList<>();
        running().forEach((_, entries) -> entries.stream().filter(test).forEach(selected::add));
        return selected;
    }

    /// How many entries pass a test. Source: `Registry.count_select/2`.
    ///
    /// @param test the test
    /// @return the number
    /// @throws IllegalStateException if the registry does not run
    public int countSelect(Predicate<Entry<K, V>> test) {
        return select(test).size();
    }

    /// Runs a function on the entries of a key, in the calling thread, if there are any. Source:
    /// `Registry.dispatch/4`.
    ///
    /// @param key the key
    /// @param function what to do with the entries; in a duplicate registry with several partitions
    ///   it runs once for each of those that have some
    /// @throws IllegalStateException if the registry does not run
    public void dispatch(K key, Consumer<List<Entry<K, V>>> function) {
        Arguments.notNull(key, "key");
        Arguments.notNull(function, "function");
        byPartition(key).forEach(function);
    }

    /// Runs a function on the entries of a key as [#dispatch] does, for each partition in a task of
    /// its own. Source: `Registry.dispatch/4` with `parallel: true`.
    ///
    /// @param key the key
    /// @param function what to do with the entries
    /// @throws IllegalStateException if the thread is no process, or the registry does not run
    /// @throws TaskExitException if the function fails
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

    /// Keeps something with the registry itself. Source: `Registry.put_meta/3`.
    ///
    /// @param key the key
    /// @param value the value
    public void putMeta(Object key, Object value) {
        metadata().put(Arguments.notNull(key, "key"), Arguments.notNull(value, "value"));
    }

    /// What is kept with the registry itself. Source: `Registry.meta/2`.
    ///
    /// @param key the key
    /// @return the value, or empty
    public Optional<Object> meta(Object key) {
        return Optional.ofNullable(metadata().get(Arguments.notNull(key, "key")));
    }

    /// Keeps something no longer. Source: `Registry.delete_meta/2`.
    ///
    /// @param key the key
    public void deleteMeta(Object key) {
        metadata().remove(Arguments.notNull(key, "key"));
    }

    /// Refers to whatever process has a key of a unique registry; a server started under it
    /// registers without a value, which reads as null.
    ///
    /// @param key the key
    /// @return the reference, for `StartOption.name` and wherever a server is named
    /// @throws IllegalStateException if the registry is not a unique one
    public Via via(K key) {
        needUnique("via");
        return ServerRef.via(this, Arguments.notNull(key, "key"));
    }

    /// Refers to whatever process has a key of a unique registry, and registers with a value.
    ///
    /// @param key the key
    /// @param value the value of a server started under this
    /// @return the reference
    /// @throws IllegalStateException if the registry is not a unique one
    public Via via(K key, V value) {
        needUnique("via");
        return ServerRef.via(this, new Valued(Arguments.notNull(key, "key"), value));
    }

    @Override
    @SuppressWarnings({"unchecked", "NullAway"}) // made by via, which knows the types
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
    @SuppressWarnings("unchecked") // made by via, which knows the type
    public void unregisterName(Object key) {
        Arguments.notNull(key, "key");
        RegistryTables<K, V> now = tablesIfRunning();
        if (now != null) { // else there is nothing to forget
            unregisterMatch(now, (K) plain(key), _ -> true);
        }
    }

    @Override
    @SuppressWarnings("unchecked") // made by via, which knows the type
    public Optional<Pid> whereisName(Object key) {
        Arguments.notNull(key, "key");
        return whereis((K) plain(key));
    }

    private static Object plain(Object key) {
        return key instanceof Valued valued ? valued.key() : key;
    }

    @Override
    public String toString() {
        return "ProcessRegistry[" + name + "]";
    }
}
