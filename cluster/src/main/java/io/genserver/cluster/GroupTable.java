package io.genserver.cluster;

import io.genserver.Pid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/// The members of all groups, as one node knows them. Its server changes it, any thread reads it.
final class GroupTable {

    /// The members of one group.
    private static final class Group {
        /// How often each process has joined. Guarded.
        private final Map<Pid, Integer> joins = new HashMap<>();

        /// The members as a list; null if it has to be made anew. Guarded.
        private @Nullable List<Pid> members;

        synchronized void add(Pid process, int count) {
            members = null;
            joins.merge(process, count, Integer::sum);
            joins.remove(process, 0);
        }

        synchronized int count(Pid process) {
            return joins.getOrDefault(process, 0);
        }

        synchronized boolean isEmpty() {
            return joins.isEmpty();
        }

        synchronized List<Pid> members() {
            List<Pid> known = members;
            if (known == null) {
                List<Pid> all = new ArrayList<>();
                joins.forEach((process, count) -> {
                    for (int i = 0; i < count; i++) {
                        all.add(process);
                    }
                });
                known = List.copyOf(all);
                members = known;
            }
            return known;
        }
    }

    private final ConcurrentMap<Object, Group> groups = new ConcurrentHashMap<>();

    List<Pid> members(Object group) {
        Group known = groups.get(group);
        return known == null ? List.of() : known.members();
    }

    Set<Object> groups() {
        return Set.copyOf(groups.keySet());
    }

    // The server

    /// Returns the nodes that have members.
    Set<String> nodes() {
        Set<String> all = new HashSet<>();
        groups.values().forEach(group -> group.members().forEach(pid -> all.add(pid.node())));
        return all;
    }

    void join(Object group, List<Pid> processes) {
        Group known = groups.computeIfAbsent(group, _ -> new Group());
        processes.forEach(process -> known.add(process, 1));
    }

    /// Removes processes, each once.
    ///
    /// @return those that were members
    List<Pid> leave(Object group, List<Pid> processes) {
        Group known = groups.get(group);
        List<Pid> left = new ArrayList<>();
        if (known != null) {
            for (Pid process : processes) {
                if (known.count(process) > 0) {
                    known.add(process, -1);
                    left.add(process);
                }
            }
            if (known.isEmpty()) {
                groups.remove(group, known);
            }
        }
        return left;
    }

    /// Returns the members of a node, by group.
    Map<Object, List<Pid>> of(String node) {
        Map<Object, List<Pid>> all = new HashMap<>();
        groups.forEach((group, known) -> {
            List<Pid> there =
                    known.members().stream().filter(pid -> pid.node().equals(node)).toList();
            if (!there.isEmpty()) {
                all.put(group, there);
            }
        });
        return all;
    }
}
