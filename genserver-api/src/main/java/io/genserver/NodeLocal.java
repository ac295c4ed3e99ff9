package io.genserver;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A global that each node, or each process with all it starts, may have a value of its own for: a
/// clock, a gateway to another system.
///
/// ```java
/// static final NodeLocal<Clock> CLOCK = NodeLocal.withDefault(Clock::systemUTC);
///
/// Instant now = CLOCK.get().instant();
/// ```
///
/// The program uses the default. A test puts a fake in its place, which only the processes of that
/// test see. So tests that run in parallel do not disturb each other, and the program does not
/// depend on test code. Elixir has `NimbleOwnership` for this.
///
/// [#get] returns the first value that it finds, in this order:
///
/// 1. the value set for the current process
/// 2. the value set for one of its [Processes#callers], the nearest first
/// 3. the value set for one of its [Processes#ancestors], the nearest first; an ancestor that is
///    known by its name counts while a process has the name
/// 4. the value set for the current node, see [Node#current]
/// 5. the default
///
/// While no value is set anywhere, `get` reads one field. Any thread may use a variable.
///
/// Do not use it for what a process can get as an argument when it is started.
///
/// @param <T> the type of the value
public final class NodeLocal<T> {

    private final Supplier<? extends T> defaultValue;

    /// The values by [Node] and [Pid]. Replaced as a whole, guarded; read by any thread.
    private volatile Map<Object, T> values = Map.of();

    private NodeLocal(Supplier<? extends T> defaultValue) {
        this.defaultValue = Objects.requireNonNull(defaultValue, "defaultValue");
    }

    /// Creates a variable.
    ///
    /// @param defaultValue returns the value where none is set; called by each [#get] that needs it
    /// @param <T> the type of the value
    /// @return the variable
    public static <T> NodeLocal<T> withDefault(Supplier<? extends T> defaultValue) {
        return new NodeLocal<>(defaultValue);
    }

    /// Returns the value for the current process or thread.
    ///
    /// @return the value
    /// @throws ExitException if the thread is a process that is dead, and a value is set anywhere
    public T get() {
        Map<Object, T> now = values;
        T found = now.isEmpty() ? null : find(now);
        return found == null ? defaultValue.get() : found;
    }

    private static <T> @Nullable T find(Map<Object, T> now) {
        T found = Processes.isProcess() ? ofProcess(now) : null;
        return found == null ? now.get(Node.current()) : found;
    }

    private static <T> @Nullable T ofProcess(Map<Object, T> now) {
        T found = now.get(Processes.self());
        return found == null ? first(now, Processes.callers(), Processes.ancestors()) : found;
    }

    private static <T> @Nullable T first(
            Map<Object, T> now, List<Pid> callers, List<ServerRef> ancestors) {
        for (Pid caller : callers) {
            T found = now.get(caller);
            if (found != null) {
                return found;
            }
        }
        for (ServerRef ancestor : ancestors) {
            Optional<Pid> pid = GenServer.whereis(ancestor);
            T found = pid.isPresent() ? now.get(pid.get()) : null;
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /// Sets the value for all processes of a node and all threads bound to it.
    ///
    /// @param node the node
    /// @param value the value
    public void set(Node node, T value) {
        put(Objects.requireNonNull(node, "node"), value);
    }

    /// Sets the value for a process, and for those of which it is a caller or an ancestor. The
    /// value stays until it is removed, also if the process ends.
    ///
    /// @param process the process
    /// @param value the value
    public void set(Pid process, T value) {
        put(Objects.requireNonNull(process, "process"), value);
    }

    /// Removes the value of a node.
    ///
    /// @param node the node
    public void remove(Node node) {
        drop(node);
    }

    /// Removes the value of a process.
    ///
    /// @param process the process
    public void remove(Pid process) {
        drop(process);
    }

    private synchronized void put(Object owner, T value) {
        Map<Object, T> next = new HashMap<>(values);
        next.put(owner, Objects.requireNonNull(value, "value"));
        values = Map.copyOf(next);
    }

    private synchronized void drop(Object owner) {
        Map<Object, T> next = new HashMap<>(values);
        next.remove(owner);
        values = Map.copyOf(next);
    }
}
