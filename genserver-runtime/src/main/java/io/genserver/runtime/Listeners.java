package io.genserver.runtime;

import io.genserver.CrashReport;
import io.genserver.DeadLetter;
import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.spi.RuntimeListener;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells all listeners of an event. What a listener throws must not reach the thread that caused
/// the event.
final class Listeners implements RuntimeListener {

    private static final Logger log = LoggerFactory.getLogger(RuntimeListener.class);

    /// Null if there are no listeners. It is a constant, so that nothing is left of an event then.
    static final @Nullable RuntimeListener ALL = load();

    private final List<RuntimeListener> listeners;

    private Listeners(List<RuntimeListener> listeners) {
        this.listeners = listeners;
    }

    private static @Nullable RuntimeListener load() {
        List<RuntimeListener> found =
                ServiceLoader.load(RuntimeListener.class, RuntimeListener.class.getClassLoader())
                        .stream()
                        .map(ServiceLoader.Provider::get)
                        .toList();
        return found.isEmpty() ? null : new Listeners(found);
    }

    @Override
    public void processStarted(Node node, Pid pid, @Nullable Pid starter) {
        tell(listener -> listener.processStarted(node, pid, starter));
    }

    @Override
    public void processEnded(Node node, Pid pid, ExitReason reason) {
        tell(listener -> listener.processEnded(node, pid, reason));
    }

    @Override
    public void crashed(Node node, CrashReport report) {
        tell(listener -> listener.crashed(node, report));
    }

    @Override
    public void deadLetter(Node node, DeadLetter letter) {
        tell(listener -> listener.deadLetter(node, letter));
    }

    private void tell(Consumer<RuntimeListener> event) {
        for (RuntimeListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (Throwable thrown) { // the user's code
                log.error("the listener {} failed", listener.getClass().getName(), thrown);
            }
        }
    }
}
