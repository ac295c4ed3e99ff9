package io.genserver.stress;

import io.genserver.stress.Findings.Count;
import java.util.Locale;

/// Runs random operations on the public API while stacks overflow, the heap is full and threads are
/// interrupted. At the end everything that was begun must have ended as documented.
final class Stress {

    /// How many operations run before the trouble, so that all classes are loaded and all string
    /// concatenations are linked. If that fails for lack of memory or stack, the JVM never tries it
    /// again.
    private static final long WARM_UP = 100_000;

    private Stress() {}

    /// Exits with 1 if something was wrong.
    ///
    /// @param arguments the number of operations and the seed; 1,000,000 and a random seed if there
    ///   are none
    public static void main(String[] arguments) throws Exception {
        long operations = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1_000_000;
        long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
        System.out.println("seed " + seed);
        int wrongs = run(WARM_UP, seed, false) + run(operations, seed, true);
        System.out.flush();
        Runtime.getRuntime().halt(wrongs == 0 ? 0 : 1);
    }

    private static int run(long operations, long seed, boolean trouble) throws Exception {
        long start = System.nanoTime();
        Run run = new Run(seed, trouble);
        run.run(operations);
        System.out.printf("%d s:", (System.nanoTime() - start) / 1_000_000_000);
        for (Count count : Count.values()) {
            System.out.printf(
                    Locale.ROOT,
                    " %,d %s,",
                    run.findings.get(count),
                    count.name().toLowerCase(Locale.ROOT).replace('_', ' '));
        }
        System.out.printf(
                " ends of the tree: %s, wrong: %d%n", run.tree.ends(), run.findings.wrongs());
        return run.findings.wrongs();
    }
}
