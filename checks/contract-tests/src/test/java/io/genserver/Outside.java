package io.genserver;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// Runs code outside any process.
final class Outside {

    private Outside() {}

    /// Runs `what` on a new platform thread.
    static <T> CompletableFuture<T> run(Supplier<T> what) {
        return CompletableFuture.supplyAsync(what, task -> Thread.ofPlatform().start(task));
    }
}
