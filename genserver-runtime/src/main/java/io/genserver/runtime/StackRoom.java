package io.genserver.runtime;

/// Makes sure that a thread has stack left for a step that must not end halfway.
///
/// A stack overflow inside the JDK's own code leaves it broken: a virtual thread whose `unpark`
/// ends halfway never runs again. So a thread that is about to wake another one first calls a
/// method that needs more stack than the wake-up does. If that fails, nothing has happened yet.
final class StackRoom {

    /// How deep the probe goes. One level takes about 60 bytes in compiled code and 220 in
    /// interpreted code. The wake-up also needs more in interpreted code.
    private static final int LEVELS = 48;

    /// How deep the probe goes for taking a message, which needs less.
    private static final int FEW_LEVELS = 12;

    private StackRoom() {}

    /// Throws unless there is stack left for taking a message out of a mailbox. A queue whose
    /// `poll` ends halfway gives nothing any more.
    ///
    /// @throws StackOverflowError if there is not
    static void requireLittle() {
        if (probe(FEW_LEVELS, 1, 2, 3, 4) == 0) {
            throw new AssertionError("the probe never returns 0");
        }
    }

    /// Throws unless there is stack left for waking a thread.
    ///
    /// @throws StackOverflowError if there is not
    static void require() {
        if (probe(LEVELS, 1, 2, 3, 4) == 0) {
            throw new AssertionError("the probe never returns 0");
        }
    }

    /// Throws unless there is stack left for starting a virtual thread. The queue of the JVM's
    /// scheduler is broken if an addition to it ends halfway: no virtual thread runs any more.
    ///
    /// @throws StackOverflowError if there is not
    static void requireForStart() {
        if (probe(2 * LEVELS, 1, 2, 3, 4) == 0) {
            throw new AssertionError("the probe never returns 0");
        }
    }

    /// Throws unless there is stack left for taking a message out of a mailbox and then waking a
    /// thread, which has [#require] itself and a few calls before it.
    ///
    /// @throws StackOverflowError if there is not
    static void requireForBoth() {
        if (probe(LEVELS + 2 * FEW_LEVELS, 1, 2, 3, 4) == 0) {
            throw new AssertionError("the probe never returns 0");
        }
    }

    /// Returns whether there is stack left for so many levels.
    static boolean has(int levels) {
        try {
            return probe(levels, 1, 2, 3, 4) != 0;
        } catch (StackOverflowError end) {
            return false;
        }
    }

    /// Keeps its arguments on the stack, because it needs them after the call.
    private static long probe(int levels, long a, long b, long c, long d) {
        if (levels == 0) {
            return a | 1;
        }
        long deeper = probe(levels - 1, b, c, d, a + 1);
        return (deeper ^ a + b * 3 + c * 5 + d * 7) | 1;
    }
}
