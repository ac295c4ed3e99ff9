package io.genserver.supervisor;

import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.supervisor.ProcessRegistry.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The tables of one run of a registry: the entries of each key and the keys of each process.
///
/// Any thread reads without a lock. Each change is made inside one `compute` of the map. A
/// `compute` holds a lock that unrelated keys share, so of the user's code only `equals` and
/// `hashCode` of the keys run in it, never a function.
///
/// Only the process itself adds entries of its own, and only it removes them while it is alive and
/// linked to the registry. The entries of a dead process are removed by its partition, or by a
/// process that registers the same unique key.
///
/// A process that is killed while it registers may add an entry after its partition has removed the
/// others. So the thread that adds an entry checks afterwards whether the process is alive, and
/// removes the entry if not. Either the check sees the death, or the process dies later and its
/// partition sees the entry.
final class RegistryTables<K, V extends @Nullable Object> {

    private static final Logger log = LoggerFactory.getLogger(ProcessRegistry.class);

    /// The entries of one key, by process. Written under this object's lock. Entries are added
    /// inside a `compute` of `byKey`, so that none is added to a bag that was removed. Read through
    /// a snapshot, which the first reader after a change makes.
    private static final class Bag<K, V extends @Nullable Object> {
        private final Map<Pid, List<Entry<K, V>>> entries = new LinkedHashMap<>(2);
        private volatile @Nullable List<Entry<K, V>> snapshot = List.of();

        synchronized void add(Entry<K, V> entry) {
            entries.computeIfAbsent(entry.pid(), _ -> new ArrayList<>(1)).add(entry);
            snapshot = null;
        }

        synchronized int removeAll(Pid pid) {
            List<Entry<K, V>> mine = entries.remove(pid);
            snapshot = null;
            return mine == null ? 0 : mine.size();
        }

        /// Removes the given entries, compared by identity.
        synchronized int remove(Pid pid, Set<Entry<K, V>> gone) {
            List<Entry<K, V>> mine = entries.get(pid);
            if (mine == null) {
                return 0;
            }
            int before = mine.size();
            mine.removeIf(gone::contains);
            if (mine.isEmpty()) {
                entries.remove(pid);
            }
            snapshot = null;
            return before - mine.size();
        }

        /// Replaces the entries of a process in one step, so that no reader finds none.
        ///
        /// @return how many entries were replaced
        synchronized int replace(Entry<K, V> entry) {
            List<Entry<K, V>> old = entries.replace(entry.pid(), new ArrayList<>(List.of(entry)));
            snapshot = null;
            return old == null ? 0 : old.size();
        }

        synchronized void removeDead() {
            entries.keySet().removeIf(pid -> !Processes.isAlive(pid));
            snapshot = null;
        }

        synchronized boolean isEmpty() {
            return entries.isEmpty();
        }

        List<Entry<K, V>> entries() {
            List<Entry<K, V>> known = snapshot;
            return known == null ? takeSnapshot() : known;
        }

        private synchronized List<Entry<K, V>> takeSnapshot() {
            List<Entry<K, V>> now = entries.values().stream().flatMap(List::stream).toList();
            snapshot = now;
            return now;
        }
    }

    private final String registry; // the name of the registry

    final Pid supervisor; // of the registry

    private final AtomicReferenceArray<@Nullable Pid> partitions;
    private final ConcurrentHashMap<K, Bag<K, V>> byKey = new ConcurrentHashMap<>();

    /// The number of entries of each process under each key.
    private final ConcurrentHashMap<Pid, Map<K, Integer>> byPid = new ConcurrentHashMap<>();

    RegistryTables(String registry, Pid supervisor, int partitions) {
        this.registry = registry;
        this.supervisor = supervisor;
        this.partitions = new AtomicReferenceArray<>(partitions);
    }

    int partitionOf(Pid pid) {
        return Math.floorMod(pid.hashCode(), partitions.length());
    }

    int partitions() {
        return partitions.length();
    }

    /// Records a new partition. Removes the entries that the previous partition was responsible
    /// for, because their processes have ended or are no longer linked to the registry.
    void started(int partition, Pid process) {
        for (Pid pid : byPid.keySet()) {
            if (partitionOf(pid) == partition) {
                forget(pid);
            }
        }
        partitions.set(partition, process);
    }

    /// Returns the partition that a process is linked to while it is registered.
    Optional<Pid> partition(Pid pid) {
        return Optional.ofNullable(partitions.get(partitionOf(pid)));
    }

    /// Adds an entry.
    ///
    /// @param unique whether a key may have only one live process
    /// @return the live process that already has the key, or null if the entry was added
    @Nullable Pid add(Entry<K, V> entry, boolean unique) {
        Pid[] holder = new Pid[1];
        Bag<K, V> changed =
                byKey.compute(
                        entry.key(),
                        (_, known) -> {
                            Bag<K, V> bag = known == null ? new Bag<>() : known;
                            if (unique) {
                                bag.removeDead();
                                if (!bag.isEmpty()) {
                                    holder[0] = bag.entries().getFirst().pid();
                                    return bag;
                                }
                            }
                            bag.add(entry);
                            return bag;
                        });
        if (holder[0] != null) {
            return holder[0];
        }
        try {
            count(entry.pid(), entry.key(), 1);
        } catch (Throwable hostile) { // the key's equals or hashCode
            withdraw(changed, entry, hostile);
            throw hostile;
        }
        if (!Processes.isAlive(entry.pid())) {
            forget(entry.pid());
        }
        return null;
    }

    /// Removes an entry whose key has just thrown, and may throw again.
    private void withdraw(Bag<K, V> bag, Entry<K, V> entry, Throwable hostile) {
        Set<Entry<K, V>> it = identitySet(List.of(entry));
        try {
            change(entry.key(), known -> known.remove(entry.pid(), it));
        } catch (Throwable again) {
            hostile.addSuppressed(again);
            bag.remove(entry.pid(), it);
        }
    }

    private static <T> Set<T> identitySet(Collection<T> elements) {
        Set<T> set = Collections.newSetFromMap(new IdentityHashMap<>());
        set.addAll(elements);
        return set;
    }

    private void count(Pid pid, K key, int change) {
        byPid.compute(
                pid,
                (_, known) -> {
                    Map<K, Integer> keys = known == null ? new LinkedHashMap<>() : known;
                    int sum = keys.getOrDefault(key, 0) + change;
                    if (sum > 0) {
                        keys.put(key, sum);
                    } else {
                        keys.remove(key);
                    }
                    return keys.isEmpty() ? null : keys;
                });
    }

    /// Removes the given entries, which belong to one process and one key.
    ///
    /// @return whether some of them existed and the process has no entry left, under any key
    boolean remove(Pid pid, K key, Collection<Entry<K, V>> gone) {
        Set<Entry<K, V>> these = identitySet(gone);
        int removed = change(key, bag -> bag.remove(pid, these));
        if (removed > 0) {
            count(pid, key, -removed);
        }
        return removed > 0 && !byPid.containsKey(pid);
    }

    /// Removes all entries of a process, even if a key of it throws. Otherwise one such key would
    /// end the partition, and with it all processes that are linked to the partition.
    void forget(Pid pid) {
        Map<K, Integer> keys = byPid.remove(pid);
        if (keys != null) {
            try {
                for (K key : List.copyOf(keys.keySet())) {
                    change(key, bag -> bag.removeAll(pid));
                }
            } catch (Throwable hostile) { // a key's equals or hashCode
                byKey.values().forEach(bag -> bag.removeAll(pid));
                log.error("searched all of {} because a key of {} failed", this, pid, hostile);
            }
        }
    }

    /// Replaces the entry of its process under a unique key.
    ///
    /// @return false if the process does not have the key
    boolean replace(Entry<K, V> entry) {
        int replaced = change(entry.key(), bag -> bag.replace(entry));
        return replaced > 0;
    }

    /// Changes the entries of a key in one step, if there are any.
    ///
    /// @return what the change returned, or 0
    private int change(K key, ToIntFunction<Bag<K, V>> change) {
        int[] result = new int[1];
        byKey.computeIfPresent(
                key,
                (_, bag) -> {
                    result[0] = change.applyAsInt(bag);
                    return bag.isEmpty() ? null : bag;
                });
        return result[0];
    }

    List<Entry<K, V>> lookup(K key) {
        Bag<K, V> bag = byKey.get(key);
        return bag == null ? List.of() : bag.entries();
    }

    /// Returns the entries of a process under a key.
    List<Entry<K, V>> lookup(K key, Pid pid) {
        return lookup(key).stream().filter(entry -> entry.pid().equals(pid)).toList();
    }

    /// Tells whether a process has any entry.
    boolean knows(Pid pid) {
        return byPid.containsKey(pid);
    }

    /// Returns the keys of a process, each as often as it has entries.
    List<K> keys(Pid pid) {
        List<K> keys = new ArrayList<>();
        byPid.computeIfPresent(
                pid,
                (_, counts) -> {
                    counts.forEach((key, count) -> {
                        for (int i = 0; i < count; i++) {
                            keys.add(key);
                        }
                    });
                    return counts;
                });
        return keys;
    }

    void forEach(BiConsumer<K, List<Entry<K, V>>> action) {
        byKey.forEach((key, bag) -> action.accept(key, bag.entries()));
    }

    /// Returns what the tables hold, with some of the entries.
    RegistrySnapshot snapshot(int limit) {
        List<Entry<?, ?>> some =
                byKey.values().stream()
                        .<Entry<?, ?>>flatMap(bag -> bag.entries().stream())
                        .limit(limit)
                        .toList();
        return new RegistrySnapshot(registry, byKey.size(), byPid.size(), some);
    }

    @Override
    public String toString() {
        return "ProcessRegistry["
                + registry
                + "] with "
                + byKey.size()
                + " keys of "
                + byPid.size()
                + " processes";
    }
}
