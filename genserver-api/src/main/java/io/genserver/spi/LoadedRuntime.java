package io.genserver.spi;

import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/// Holds the runtime, which is loaded on first use. It is a constant, so the compiler can inline
/// every call to it.
final class LoadedRuntime {

    private static final List<ProcessRuntime> FOUND =
            ServiceLoader.load(ProcessRuntime.class, ProcessRuntime.class.getClassLoader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();

    private static final @Nullable ProcessRuntime RUNTIME =
            FOUND.size() == 1 ? FOUND.getFirst() : null;

    private LoadedRuntime() {}

    static ProcessRuntime get() {
        if (RUNTIME == null) {
            throw new IllegalStateException(
                    "expected one runtime on the class or module path, found "
                            + (FOUND.isEmpty()
                                    ? "none: add the dependency io.genserver:genserver-runtime"
                                    : FOUND));
        }
        return RUNTIME;
    }
}
