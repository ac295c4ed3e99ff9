package io.genserver.stress;

import io.genserver.stress.Findings.Count;
import java.util.Locale;

/// Runs random operations on the public API while stacks overflow, the heap is full and threads are
/// interrupted. At the end everything that was begun must have ended as documented.
final class Stress {

    /// How many operations run at most before the trouble, so that all classes are loaded and all
    /// string concatenations are linked. If that fails for lack of memory or stack, the JVM never
    /// tries it again.
    private static final long WARM_UP = 100_000;

    /// How many operations run at least before the trouble. What they do not load is rare, and a
    /// short run hardly gets there.
    private static final long SHORT_WARM_UP = 10_000;

    /// How many operations run at most until everything is ended and checked. Servers whose place
    /// another one takes live until then, and would fill the heap for good.
    private static final long ROUND = 500_000;

    private Stress() {}

    /// Exits with 1 if something was wrong.
    ///
    /// @param arguments the number of operations, the seed, and how many seconds pass at least
    ///   between two moments at which the heap is full; 1,000,000, a random seed and 1 if there are
    ///   none
    public static void main(String[] arguments) throws Exception {
        String all = String.join(" ", arguments);
        if (!all.matches("|\\d{1,18}( -?\\d{1,18}( [1-9]\\d{0,5})?)?")) {
            System.err.println(
                    "expected up to three numbers: OPERATIONS SEED SECONDS, got: " + all);
            System.exit(2);
        }
        long operations = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1_000_000;
        long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
        int fullEvery = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1;
        int wrongs = run(Math.clamp(operations, SHORT_WARM_UP, WARM_UP), seed, 0);
        for (long left = operations; left > 0; left -= ROUND) {
            wrongs += run(Math.min(left, ROUND), seed++, fullEvery);
        }
        System.out.flush();
        Runtime.getRuntime().halt(wrongs == 0 ? 0 : 1);
    }

    private static int run(long operations, long seed, int fullEvery) throws Exception {
        long start = System.nanoTime();
        Run run = new Run(seed, fullEvery);
        run.run(operations);
        System.out.printf("seed %d, %d s:", seed, (System.nanoTime() - start) / 1_000_000_000);
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
