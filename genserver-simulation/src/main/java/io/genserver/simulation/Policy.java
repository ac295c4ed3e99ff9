package io.genserver.simulation;

import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Decides what happens next. Only the thread that has the baton calls it.
interface Policy {

    /// Chooses the thread that goes on.
    ///
    /// @param ready the threads that can, at least two, in the order of their numbers
    /// @param current the one that goes on if nothing else is chosen
    /// @return the index of the chosen one
    int choose(List<Task> ready, int current);

    /// Chooses a fault.
    ///
    /// @param faults how many there are to choose from, 1 or more
    /// @return the number of the fault, from 1; 0 for none
    int chooseFault(int faults);

    /// In how many parts the longest delay is divided.
    int DELAYS = 8;

    /// Chooses how long a timer or a message is late.
    ///
    /// @param most the longest delay, in parts
    /// @return the delay, in parts; 0 for the shortest
    int chooseDelay(int most);

    /// Hears that a thread has failed to reach a process, and probably tries again.
    default void retries(Task task) {}

    /// Decides whether something happens.
    ///
    /// @param probability from 0 to 1
    /// @return 1 if it happens, else 0
    int happens(double probability);

    /// Continues with the thread that has the baton for as long as it can, then with the next one.
    /// Nothing crashes.
    final class Fair implements Policy {
        private SplittableRandom random;

        /// @param seed decides what happens to messages
        Fair(long seed) {
            random = new SplittableRandom(seed);
        }

        void seed(long seed) {
            random = new SplittableRandom(seed);
        }

        @Override
        public int choose(List<Task> ready, int current) {
            return current;
        }

        @Override
        public int chooseFault(int faults) {
            return 0;
        }

        @Override
        public int chooseDelay(int most) {
            return random.nextInt(most + 1);
        }

        @Override
        public int happens(double probability) {
            return random.nextDouble() < probability ? 1 : 0;
        }
    }

    /// Makes the same choices again.
    static Policy replaying(int[] choices) {
        return new Policy() {
            private int next;

            @Override
            public int choose(List<Task> ready, int current) {
                return (current + next()) % ready.size();
            }

            @Override
            public int chooseFault(int faults) {
                int chosen = next();
                return chosen > faults ? 0 : chosen;
            }

            @Override
            public int chooseDelay(int most) {
                return Math.min(next(), most);
            }

            @Override
            public int happens(double probability) {
                return Math.min(next(), 1);
            }

            private int next() {
                return next < choices.length ? choices[next++] : 0;
            }
        };
    }

    /// Returns what a task is about to do to which process, as far as it is known.
    static boolean sameTarget(Task one, @Nullable Task other) {
        return other != null && one.about == other.about;
    }
}
