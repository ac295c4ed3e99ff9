package io.genserver;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// A thread that is no process.
final class Outside {

    private Outside() {}

    /// Runs something on a new platform thread.
    static <T> CompletableFuture<T> run(Supplier<T> what) {
        return CompletableFuture.supplyAsync(what, task -> Thread.ofPlatform().start(task));
    }
}
