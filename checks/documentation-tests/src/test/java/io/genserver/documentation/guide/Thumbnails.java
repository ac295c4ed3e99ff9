package io.genserver.documentation.guide;

import io.genserver.supervisor.*;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

final class Thumbnails {

    private static final StreamOptions FOUR_AT_A_TIME =
            StreamOptions.defaults()
                    .withMaxConcurrency(4)
                    .withTimeout(Duration.ofSeconds(10), StreamOptions.OnTimeout.KILL_TASK);

    private Thumbnails() {}

    static List<String> scaleAll(List<String> images, UnaryOperator<String> scale) {
        try (var results = Task.asyncStream(images, scale, FOUR_AT_A_TIME)) {
            return results.map(Thumbnails::describe).toList();
        }
    }

    private static String describe(TaskResult<String> result) {
        return switch (result) {
            case TaskResult.Ok<String>(var image) -> image;
            case TaskResult.Exit<String>(var reason) -> "failed: " + reason;
        };
    }
}
