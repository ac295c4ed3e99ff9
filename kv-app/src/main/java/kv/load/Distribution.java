package kv.load;

import java.util.Arrays;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;

/// How often each key is chosen.
enum Distribution {
    /// Each key is equally likely.
    UNIFORM {
        @Override
        IntSupplier over(int keys, RandomGenerator random) {
            return () -> random.nextInt(keys);
        }
    },

    /// The key with the number n is chosen with a probability proportional to 1 / (n + 1)^0.99, as
    /// in the Yahoo! Cloud Serving Benchmark: a few keys get most of the requests.
    ZIPF {
        @Override
        IntSupplier over(int keys, RandomGenerator random) {
            double[] sums = new double[keys];
            double sum = 0;
            for (int i = 0; i < keys; i++) {
                sum += 1 / Math.pow(i + 1, 0.99);
                sums[i] = sum;
            }
            double all = sum;
            return () -> {
                int found = Arrays.binarySearch(sums, random.nextDouble(all));
                return found < 0 ? -found - 1 : found;
            };
        }
    };

    /// Returns a source of keys.
    ///
    /// @param keys the number of keys
    abstract IntSupplier over(int keys, RandomGenerator random);
}
