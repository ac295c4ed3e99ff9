package io.genserver.stress;

/// Runs a step again and again at the end of a stack, each time with a little more of it left.
final class Deep {

    private static final int MOST_STEPS = 48;

    private final Runnable step;
    private final int gap;
    private int left = MOST_STEPS;
    private int skip;

    private Deep(Runnable step, int gap) {
        this.step = step;
        this.gap = gap;
    }

    /// @param step a step, which handles its own overflows
    /// @param gap how many levels are between two steps
    static void run(Runnable step, int gap) {
        new Deep(step, gap).descend(1);
    }

    /// @return a number that depends on each level, so that none is optimized away
    @SuppressWarnings("InfiniteRecursion") // it must end the stack
    private long descend(long depth) {
        long below;
        try {
            below = descend(depth + 1) ^ depth;
        } catch (StackOverflowError end) {
            below = depth;
        }
        if (left > 0 && --skip <= 0) {
            left--;
            skip = gap;
            try {
                step.run();
            } catch (StackOverflowError end) {
                below++; // not even the step's own handler had a stack
            }
        }
        return below;
    }
}
