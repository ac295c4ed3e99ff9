package io.genserver.benchmarks;

import org.jspecify.annotations.Nullable;

final class OursSavina {
    private OursSavina() {}

    static @Nullable Work work(Operation operation) {
        return null;
    }
}
