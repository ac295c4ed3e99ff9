package io.genserver;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/// Runs each test as a process of a node of its own, on which nothing of other tests is left.
final class Alone implements InvocationInterceptor {

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        try (Node node = Node.start()) {
            node.call(() -> {
                try (Attachment _ = Processes.attach()) {
                    return invocation.proceed();
                }
            });
        }
    }
}
