package io.genserver.runtime;

/// Makes sure that a thread has stack left for a step that must not end halfway.
///
/// A stack overflow inside the JDK's own code leaves it broken: a virtual thread whose `unpark`
/// ends halfway never runs again. So a thread that is about to wake another one first calls a
/// method that needs more stack than the wake-up does. If that fails, nothing has happened yet.
///
/// A level of the probe takes about 110 bytes in code of the second compiler, 260 in that of the
/// first, and 480 in interpreted code. An `unpark` of a virtual thread was seen to take 430 bytes
/// in code of the second compiler and 1,700 in other code. The probe goes so deep because it may be
/// compiled while the wake-up and the way to it are still interpreted.
final class StackRoom {

    /// How deep the probe goes for waking a thread.
    static final int LEVELS = 48;

    /// How deep it goes for taking a message, which needs less.
    static final int FEW_LEVELS = 6;

    /// How deep it goes for starting a virtual thread, which needs more.
    static final int MANY_LEVELS = 64;

    /// Below the level 0 there are the levels -1 and -2.
    private static final int LAST = -2;

    /// Always 0. The compilers must assume that each read may give another value.
    private static volatile long zero;

    private StackRoom() {}

    /// Throws unless there is stack left for taking a message out of a mailbox. A queue whose
    /// `poll` ends halfway gives nothing any more.
    ///
    /// @throws StackOverflowError if there is not
    static void requireLittle() {
        require(FEW_LEVELS);
    }

    /// Throws unless there is stack left for waking a thread.
    ///
    /// @throws StackOverflowError if there is not
    static void require() {
        require(LEVELS);
    }

    /// Throws unless there is stack left for starting a virtual thread. The queue of the JVM's
    /// scheduler is broken if an addition to it ends halfway: no virtual thread runs any more.
    ///
    /// @throws StackOverflowError if there is not
    static void requireForStart() {
        require(MANY_LEVELS);
    }

    /// Throws unless there is stack left for taking a message out of a mailbox and then waking a
    /// thread, which has [#require] itself and a few calls before it.
    ///
    /// @throws StackOverflowError if there is not
    static void requireForBoth() {
        require(LEVELS + 2 * FEW_LEVELS);
    }

    /// Returns whether there is stack left for so many levels.
    static boolean has(int levels) {
        try {
            require(levels);
            return true;
        } catch (StackOverflowError end) {
            return false;
        }
    }

    private static void require(int levels) {
        if (probe(levels) != levels) {
            throw new AssertionError("expected the probe to count its levels");
        }
    }

    /// The level 0 has to keep many values over a call. So the frame of each level has room for
    /// them, although the others only pay for a call. There are two more calls below it, because
    /// the compiler may put one into its caller, where the values could stay in registers.
    private static long probe(int levels) {
        if (levels > 0) {
            return probe(levels - 1) + 1;
        }
        if (levels < 0) {
            return levels == LAST ? 0 : probe(levels - 1);
        }
        long a = zero;
        long b = zero;
        long c = zero;
        long d = zero;
        long e = zero;
        long f = zero;
        long g = zero;
        long h = zero;
        long i = zero;
        long j = zero;
        long k = zero;
        long l = zero;
        long m = zero;
        long n = zero;
        long o = zero;
        long p = zero;
        long q = zero;
        long r = zero;
        long s = zero;
        long t = zero;
        long u = zero;
        long v = zero;
        long w = zero;
        long x = zero;
        return probe(levels - 1)
                + a
                + b
                + c
                + d
                + e
                + f
                + g
                + h
                + i
                + j
                + k
                + l
                + m
                + n
                + o
                + p
                + q
                + r
                + s
                + t
                + u
                + v
                + w
                + x;
    }
}
