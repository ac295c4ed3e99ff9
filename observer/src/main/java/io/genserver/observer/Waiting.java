package io.genserver.observer;

import io.genserver.Pid;
import io.genserver.ProcessInfo.Status;
import io.genserver.ProcessSummary;
import io.genserver.observer.Look.Brief;
import io.genserver.observer.Look.Seen;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who waits for whose reply. Each process waits for one server at most, so those that wait form
/// trees and circles.
///
/// @param circles the processes of each circle, in the order in which they call each other
/// @param groups the servers that others wait for and that wait for nobody, with the most waiters
///   first
record Waiting(List<List<Brief>> circles, List<Group> groups) {

    private static final int GROUPS = 100;
    private static final int MEMBERS = 50;

    /// A server that others wait for.
    ///
    /// @param status what it does; null if it is not a process of this node
    /// @param waiters how many processes wait for it, directly or through others
    /// @param members some of them, each below the one that it waits for
    record Group(Brief process, @Nullable Status status, int waiters, List<Member> members) {}

    record Member(int depth, Brief process) {}

    static Waiting of(Look look) {
        return new Finding(look).find();
    }

    private static final class Finding {
        private final Look look;
        private final Map<Pid, Pid> waitsFor = new HashMap<>();
        private final Map<Pid, List<Pid>> waiters = new HashMap<>();

        Finding(Look look) {
            this.look = look;
            for (Seen each : look.all()) {
                ProcessSummary process = each.summary();
                process.waitsFor()
                        .ifPresent(server -> {
                            waitsFor.put(process.pid(), server);
                            waiters.computeIfAbsent(server, _ -> new ArrayList<>())
                                    .add(process.pid());
                        });
            }
        }

        Waiting find() {
            List<Group> groups =
                    waiters.keySet().stream()
                            .filter(server -> !waitsFor.containsKey(server))
                            .map(this::group)
                            .sorted(Comparator.comparingInt(group -> -group.waiters()))
                            .limit(GROUPS)
                            .toList();
            return new Waiting(circles(), groups);
        }

        private List<List<Brief>> circles() {
            List<List<Brief>> circles = new ArrayList<>();
            Set<Pid> done = new HashSet<>();
            for (Pid start : waitsFor.keySet()) {
                List<Pid> path = new ArrayList<>();
                Pid next = start;
                while (next != null && done.add(next)) {
                    path.add(next);
                    next = waitsFor.get(next);
                }
                int begin = next == null ? -1 : path.indexOf(next);
                if (begin >= 0) { // it leads back into this path
                    circles.add(
                            path.subList(begin, path.size()).stream().map(look::brief).toList());
                }
            }
            return circles;
        }

        /// Walks without recursion, because a chain may be very long.
        private Group group(Pid server) {
            List<Member> members = new ArrayList<>();
            List<Pid> level = List.of(server);
            int count = 0;
            for (int depth = 0; !level.isEmpty(); depth++) {
                List<Pid> below = new ArrayList<>();
                for (Pid each : level) {
                    below.addAll(waiters.getOrDefault(each, List.of()));
                }
                count += below.size();
                for (Pid each : below) {
                    if (members.size() < MEMBERS) {
                        members.add(new Member(depth + 1, look.brief(each)));
                    }
                }
                level = below;
            }
            Seen seen = look.find(server);
            Status status = seen == null ? null : seen.summary().status();
            return new Group(look.brief(server), status, count, members);
        }
    }
}
