package io.genserver.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How much stack the checks ask for in compiled code, where they ask for the least.
@Timeout(60)
class StackRoomTest {

    private static final int STACK = 512 << 10; // units: bytes

    /// An `unpark` of a virtual thread that is not compiled takes 1,700 bytes.
    private static final double UNPARK = 1_700;

    @BeforeAll
    static void compile() {
        for (int i = 0; i < 100_000; i++) {
            StackRoom.requireLittle();
            StackRoom.require();
            StackRoom.requireForStart();
            StackRoom.requireForBoth();
            descend(50, () -> {});
        }
    }

    @Test
    void waking_a_thread_is_begun_only_with_twice_the_stack_it_takes() throws Exception {
        assertThat(bytes(StackRoom::require)).isGreaterThan(2 * UNPARK);
        assertThat(bytes(StackRoom::requireForStart)).isGreaterThan(3 * UNPARK);
        assertThat(bytes(StackRoom::requireForBoth)).isGreaterThan(3 * UNPARK);
    }

    @Test
    void taking_a_message_is_begun_only_with_some_stack() throws Exception {
        assertThat(bytes(StackRoom::requireLittle)).isGreaterThan(400);
    }

    /// Returns how much earlier a recursion has to end so that there is stack for a check. Measures
    /// until the compilers do not change the recursion any more.
    private static double bytes(Runnable check) throws Exception {
        while (true) {
            int without = deepest(STACK, () -> {});
            int with = deepest(STACK, check);
            int large = deepest(2 * STACK, () -> {});
            if (deepest(STACK, () -> {}) == without && deepest(STACK, check) == with) {
                return STACK / (double) (large - without) * (without - with);
            }
        }
    }

    /// Returns the deepest recursion that has stack for a check at its end.
    private static int deepest(int stack, Runnable check) throws Exception {
        FutureTask<Integer> search = new FutureTask<>(() -> deepest(check));
        new Thread(null, search, "search", stack).start();
        return search.get();
    }

    private static int deepest(Runnable check) {
        int fits = 0;
        int tooDeep = 1_000_000;
        while (tooDeep - fits > 1) {
            int middle = (fits + tooDeep) / 2;
            try {
                descend(middle, check);
                fits = middle;
            } catch (StackOverflowError end) {
                tooDeep = middle;
            }
        }
        return fits;
    }

    /// Returns a number that depends on each level, so that none is optimized away.
    private static int descend(int levels, Runnable check) {
        if (levels == 0) {
            check.run();
            return 0;
        }
        return descend(levels - 1, check) + 1;
    }
}
