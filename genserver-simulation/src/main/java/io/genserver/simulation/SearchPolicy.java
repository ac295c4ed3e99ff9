package io.genserver.simulation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// The policies that look for schedules that fail. Each run has one object with a seed of its own.
abstract class SearchPolicy implements Policy {

    final SplittableRandom random;

    /// How many choices a run makes, roughly.
    final int length;

    int choices;
    private int faultsLeft;

    SearchPolicy(long seed, int length) {
        this.random = new SplittableRandom(seed);
        this.length = Math.max(1, length);
        this.faultsLeft = 1 + random.nextInt(3);
    }

    /// The policies, in the order in which runs take turns with them.
    enum Kind {
        /// Each thread that can go on is equally likely.
        RANDOM("random walk"),
        /// One change of priorities.
        PCT_2("PCT of depth 2"),
        /// Two changes of priorities.
        PCT_3("PCT of depth 3"),
        /// New priorities for whatever is in a race.
        PARTIAL_ORDER("partial-order sampling");

        final String text;

        Kind(String text) {
            this.text = text;
        }

        SearchPolicy make(long seed, int length) {
            return switch (this) {
                case RANDOM -> new RandomWalk(seed, length);
                case PCT_2 -> new Priorities(seed, length, 2);
                case PCT_3 -> new Priorities(seed, length, 3);
                case PARTIAL_ORDER -> new PartialOrder(seed, length);
            };
        }
    }

    @Override
    public final int choose(List<Task> ready, int current) {
        choices++;
        return next(ready, current);
    }

    abstract int next(List<Task> ready, int current);

    /// Faults are spread over the whole run, and are few.
    @Override
    public final int chooseFault(int faults) {
        if (faultsLeft == 0 || random.nextInt(length) > 0) {
            return 0;
        }
        faultsLeft--;
        return 1 + random.nextInt(faults);
    }

    /// Half of the timers are on time, and half of the late messages have the shortest delay.
    @Override
    public final int chooseDelay(int most) {
        return Math.max(0, random.nextInt(-most, most + 1));
    }

    @Override
    public final int happens(double probability) {
        return random.nextDouble() < probability ? 1 : 0;
    }

    private static final class RandomWalk extends SearchPolicy {
        RandomWalk(long seed, int length) {
            super(seed, length);
        }

        @Override
        int next(List<Task> ready, int current) {
            return random.nextInt(ready.size());
        }
    }

    /// Each process has a priority, and the highest goes on. At a few random moments the process
    /// that goes on gets the lowest priority. Finds every bug that takes that many changes with a
    /// probability that is known.
    ///
    /// Source: Burckhardt et al., "A Randomized Scheduler with Probabilistic Guarantees of Finding
    /// Bugs"
    private static final class Priorities extends SearchPolicy {
        private final Map<Long, Double> priorities = new HashMap<>();
        private final int[] changes;

        Priorities(long seed, int length, int depth) {
            super(seed, length);
            changes = new int[depth - 1];
            for (int i = 0; i < changes.length; i++) {
                changes[i] = 1 + random.nextInt(this.length);
            }
        }

        private double priority(Task task) {
            return priorities.computeIfAbsent(task.entity(), _ -> 1 + random.nextDouble());
        }

        @Override
        int next(List<Task> ready, int current) {
            if (choices > length) {
                return random.nextInt(ready.size());
            }
            for (int i = 0; i < changes.length; i++) {
                if (changes[i] == choices) {
                    priorities.put(ready.get(current).entity(), (double) -i);
                }
            }
            int best = 0;
            for (int i = 1; i < ready.size(); i++) {
                if (priority(ready.get(i)) > priority(ready.get(best))) {
                    best = i;
                }
            }
            return best;
        }

        /// A process that tries again in a loop would keep the others from what it waits for.
        @Override
        public void retries(Task task) {
            priorities.put(task.entity(), -1.0 - choices);
        }
    }

    /// Each process has a random priority, and the highest goes on. A process that goes on gets a
    /// new one, and so do those that are about to act on the same process.
    ///
    /// Source: Yuan et al., "Partial Order Aware Concurrency Sampling"
    private static final class PartialOrder extends SearchPolicy {
        private final Map<Long, Double> priorities = new HashMap<>();

        PartialOrder(long seed, int length) {
            super(seed, length);
        }

        private double priority(Task task) {
            return priorities.computeIfAbsent(task.entity(), _ -> random.nextDouble());
        }

        @Override
        int next(List<Task> ready, int current) {
            int best = 0;
            for (int i = 1; i < ready.size(); i++) {
                if (priority(ready.get(i)) > priority(ready.get(best))) {
                    best = i;
                }
            }
            Task chosen = ready.get(best);
            priorities.remove(chosen.entity());
            for (Task other : ready) {
                if (Policy.sameTarget(chosen, other)) {
                    priorities.remove(other.entity());
                }
            }
            return best;
        }

        @Override
        public void retries(Task task) {
            priorities.put(task.entity(), -1.0);
        }
    }
}
