package io.genserver.documentation.guide;

import io.genserver.supervisor.*;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;

final class Download {

    private static final RetryOptions FOUR_TIMES =
            RetryOptions.of(BackOff.of(Duration.ofMillis(100), Duration.ofSeconds(5)), 4)
                    .withAttemptTimeout(Duration.ofSeconds(2))
                    .withExpected(Download::isWorthARetry);

    private Download() {}

    static String fetch(Callable<String> source) {
        return Task.retry(source, FOUR_TIMES).await(Duration.ofMinutes(1));
    }

    private static boolean isWorthARetry(Throwable failure) {
        return failure instanceof IOException
                || failure instanceof TaskExitException; // it took longer than 2 s
    }
}
