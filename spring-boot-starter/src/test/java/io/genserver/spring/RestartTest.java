package io.genserver.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Runs an application several times in one JVM, each time with classes of its own, as Spring's
/// devtools do.
@Timeout(60)
class RestartTest {

    private static final Path CLASSES = Path.of("target", "test-classes");

    /// Loads the application itself, and the rest as the tests do.
    private static final class OfRestart extends URLClassLoader {

        OfRestart() throws IOException {
            super(new URL[] {CLASSES.toUri().toURL()}, RestartTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(RestartedApp.class.getName())
                    && !name.startsWith(Counter.class.getName())) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }
    }

    /// Runs an application with a class loader of its own, which is then no longer used.
    private static WeakReference<ClassLoader> run(Class<?> app) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (OfRestart loader = new OfRestart()) {
            thread.setContextClassLoader(loader);
            Class<?> again = loader.loadClass(app.getName());
            assertThat(again).isNotSameAs(app);
            Constructor<?> constructor = again.getDeclaredConstructor();
            constructor.setAccessible(
                    true); // the same package of another loader is another package
            Object result = ((Callable<?>) constructor.newInstance()).call();
            assertThat(result).isEqualTo("restarted 1");
            return new WeakReference<>(loader);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void an_application_starts_again_with_other_classes() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThat(run(RestartedApp.class)).isNotNull();
        }
    }

    @Test
    void the_classes_of_an_application_are_freed() throws Exception {
        WeakReference<ClassLoader> loader = run(RestartedApp.WithoutSpring.class);

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> {
                    System.gc();
                    assertThat(loader.get()).isNull();
                });
    }
}
