package io.genserver.benchmarks;

import org.jspecify.annotations.Nullable;

final class PekkoSavina {
    private PekkoSavina() {}

    static @Nullable Work work(Operation operation) {
        return null;
    }
}
