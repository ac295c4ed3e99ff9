package io.genserver.runtime;

/// Makes sure that a thread has stack left for a step that must not end halfway.
///
/// A stack overflow inside the JDK's own code leaves it broken: a virtual thread whose `unpark`
/// ends halfway never runs again. So a thread that is about to wake another one first calls a
/// method that needs more stack than the wake-up does. If that fails, nothing has happened yet.
///
/// A level of the probe takes about 100 bytes in code of the second compiler, 240 in that of the
/// first, and 600 in interpreted code. An `unpark` of a virtual thread was seen to take 430 bytes
/// in code of the second compiler and 1,700 in other code. There are many more levels than that
/// asks for, because the probe may be compiled while the wake-up and the way to it are not.
final class StackRoom {

    private static final int LEVELS = 48;

    /// For taking a message, which needs less.
    private static final int FEW_LEVELS = 6;

    /// For starting a virtual thread, which needs more.
    private static final int MANY_LEVELS = 64;

    /// Always 0. Each read of it counts as different for the compilers.
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
            throw new AssertionError("the probe counts its levels");
        }
    }

    /// The last level has to keep many values at a time. So the frame of each level has room for
    /// them, although the others only pay for a call.
    private static long probe(int levels) {
        if (levels > 0) {
            return probe(levels - 1) + 1;
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
        long y = zero;
        long z = zero;
        long aa = zero;
        long bb = zero;
        long cc = zero;
        long dd = zero;
        long ee = zero;
        long ff = zero;
        return zero + a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q + r + s + t
                + u + v + w + x + y + z + aa + bb + cc + dd + ee + ff;
    }
}
