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

    private static double level; // units: bytes

    /// Measures a level until the compilers do not change it any more.
    @BeforeAll
    static void measure() throws Exception {
        double before = 0;
        while (level <= 0 || Math.abs(level - before) > 1) {
            before = level;
            for (int i = 0; i < 100_000; i++) {
                StackRoom.require();
            }
            level = STACK / (double) (mostLevels(2 * STACK) - mostLevels(STACK));
        }
    }

    /// Returns how many levels fit on a stack.
    private static int mostLevels(int stack) throws Exception {
        FutureTask<Integer> search = new FutureTask<>(StackRoomTest::mostLevels);
        new Thread(null, search, "search", stack).start();
        return search.get();
    }

    private static int mostLevels() {
        int fit = 0;
        int tooMany = 100_000;
        while (tooMany - fit > 1) {
            int middle = (fit + tooMany) / 2;
            if (StackRoom.has(middle)) {
                fit = middle;
            } else {
                tooMany = middle;
            }
        }
        return fit;
    }

    @Test
    void a_thread_is_woken_only_with_twice_the_stack_that_takes() {
        assertThat(StackRoom.LEVELS * level).isGreaterThan(2 * UNPARK);
    }

    @Test
    void a_virtual_thread_is_started_only_with_more() {
        assertThat(StackRoom.MANY_LEVELS * level).isGreaterThan(3 * UNPARK);
    }

    @Test
    void a_message_is_taken_only_with_some_stack() {
        assertThat(StackRoom.FEW_LEVELS * level).isGreaterThan(400);
    }
}
