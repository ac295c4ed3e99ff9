package io.genserver.parity;

import static io.genserver.parity.TestTasks.exit;

import io.genserver.ExitReason;
import io.genserver.Processes;
import io.genserver.supervisor.StreamOptions;
import io.genserver.supervisor.StreamOptions.FailedInput;
import io.genserver.supervisor.TaskResult;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Streams of tasks for the tests.
final class TestStreams {

    private TestStreams() {}

    static final StreamOptions DEFAULTS = StreamOptions.defaults();

    /// The limit of tasks in tests in virtual time.
    static final Duration PATIENCE = Duration.ofMillis(500);

    /// An element whose task never ends.
    static final int FOREVER = -1;

    /// Sleeps for `millis` milliseconds and returns that number.
    static int sleep(int millis) {
        if (millis == FOREVER) {
            TestTasks.block();
        }
        Processes.sleep(Duration.ofMillis(millis));
        return millis;
    }

    /// Exits with the element as the reason.
    @SuppressWarnings("DoNotCallSuggester") // it is only used as a method reference
    static int exits(int reason) {
        throw Processes.exit(ExitReason.of(reason));
    }

    static List<Integer> upTo(int last) {
        return IntStream.rangeClosed(1, last).boxed().toList();
    }

    static List<Integer> downFrom(int first) {
        return upTo(first).reversed();
    }

    /// Takes `count` elements of a stream and closes it.
    static <R> List<TaskResult<R>> take(long count, Stream<TaskResult<R>> stream) {
        try (stream) {
            return stream.limit(count).toList();
        }
    }

    static <R> List<TaskResult<R>> all(Stream<TaskResult<R>> stream) {
        return take(Long.MAX_VALUE, stream);
    }

    static TaskResult<Integer> failed(int input, Object reason) {
        return exit(new FailedInput(input, ExitReason.of(reason)));
    }

    static List<TaskResult<Integer>> results(
            Function<Integer, TaskResult<Integer>> result, Integer... values) {
        return Stream.of(values).map(result).toList();
    }

    static List<TaskResult<Integer>> oks(Integer... values) {
        return results(TestTasks::ok, values);
    }

    static List<TaskResult<Integer>> exits(Integer... reasons) {
        return results(TestTasks::exit, reasons);
    }

    /// Returns the elements of a stream lazily. They can be iterated once.
    static <T> Iterable<T> each(Stream<T> elements) {
        Iterator<T> iterator = elements.iterator();
        return () -> iterator;
    }
}
