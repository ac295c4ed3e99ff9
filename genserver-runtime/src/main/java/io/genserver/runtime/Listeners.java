package io.genserver.runtime;

import io.genserver.CrashReport;
import io.genserver.DeadLetter;
import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.spi.RuntimeListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells all listeners of an event: those that were added, and then the log. What a listener throws
/// must not reach the thread that caused the event.
final class Listeners implements RuntimeListener {

    private static final Logger log = LoggerFactory.getLogger(RuntimeListener.class);

    private static final RuntimeListener EVENT_LOG = new EventLog();

    /// Replaced as a whole, guarded by the class; read by any thread.
    private static volatile Listeners all = new Listeners(load());

    private final List<RuntimeListener> added;

    private Listeners(List<RuntimeListener> added) {
        this.added = List.copyOf(added);
    }

    private static List<RuntimeListener> load() {
        return ServiceLoader.load(RuntimeListener.class, RuntimeListener.class.getClassLoader())
                .stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /// Returns all listeners as one. Any thread.
    static RuntimeListener all() {
        return all;
    }

    /// Returns all listeners as one; null if there is only the log. Then nothing is left of an
    /// event that is not logged. Any thread.
    static @Nullable RuntimeListener added() {
        Listeners now = all;
        return now.added.isEmpty() ? null : now;
    }

    /// Adds a listener. Any thread.
    static Subscription add(RuntimeListener listener) {
        Objects.requireNonNull(listener, "listener");
        AtomicBoolean closed = new AtomicBoolean();
        change(listeners -> listeners.add(listener));
        return () -> {
            if (closed.compareAndSet(false, true)) {
                change(listeners -> removeOne(listeners, listener));
            }
        };
    }

    /// Removes a listener once, even if another one is equal or the same was added twice.
    private static void removeOne(List<RuntimeListener> listeners, RuntimeListener listener) {
        for (int i = 0; i < listeners.size(); i++) {
            if (listeners.get(i) == listener) {
                listeners.remove(i);
                return;
            }
        }
    }

    private static synchronized void change(Consumer<List<RuntimeListener>> change) {
        List<RuntimeListener> next = new ArrayList<>(all.added);
        change.accept(next);
        all = new Listeners(next);
    }

    @Override
    public void processStarted(Node node, Pid pid, @Nullable Pid starter) {
        tell(listener -> listener.processStarted(node, pid, starter));
    }

    @Override
    public void serverInitialized(Node node, Pid pid, String server) {
        tell(listener -> listener.serverInitialized(node, pid, server));
    }

    @Override
    public void processEnded(Node node, Pid pid, String initialCall, ExitReason reason) {
        tell(listener -> listener.processEnded(node, pid, initialCall, reason));
    }

    @Override
    public void crashed(Node node, CrashReport report) {
        tell(listener -> listener.crashed(node, report));
    }

    @Override
    public void deadLetter(Node node, DeadLetter letter) {
        tell(listener -> listener.deadLetter(node, letter));
    }

    @Override
    public void longTurn(Node node, Pid pid, String server, boolean nonBlocking, String stack) {
        tell(listener -> listener.longTurn(node, pid, server, nonBlocking, stack));
    }

    @Override
    public void longMailbox(Node node, Pid pid, String server, int length, int mark) {
        tell(listener -> listener.longMailbox(node, pid, server, length, mark));
    }

    @Override
    public void callTimedOut(Node node, String server, Object request, Duration waited) {
        tell(listener -> listener.callTimedOut(node, server, request, waited));
    }

    @Override
    public void callCycle(Node node, List<Pid> cycle) {
        tell(listener -> listener.callCycle(node, cycle));
    }

    @Override
    public void childRestarting(
            Node node,
            Pid supervisor,
            Object child,
            ExitReason reason,
            int attempt,
            Duration delay) {
        tell(listener -> listener.childRestarting(node, supervisor, child, reason, attempt, delay));
    }

    @Override
    public void supervisorGaveUp(Node node, Pid supervisor, Object child, ExitReason reason) {
        tell(listener -> listener.supervisorGaveUp(node, supervisor, child, reason));
    }

    @Override
    public void childOverdue(
            Node node,
            Pid supervisor,
            Object child,
            Pid pid,
            Duration limit,
            List<StackTraceElement> stack) {
        tell(listener -> listener.childOverdue(node, supervisor, child, pid, limit, stack));
    }

    @Override
    public void nodeClosed(Node node) {
        tell(listener -> listener.nodeClosed(node));
    }

    private void tell(Consumer<RuntimeListener> event) {
        for (RuntimeListener listener : added) {
            try {
                event.accept(listener);
            } catch (Throwable thrown) { // the user's code
                log.error("the listener {} failed", listener.getClass().getName(), thrown);
            }
        }
        event.accept(EVENT_LOG);
    }
}
