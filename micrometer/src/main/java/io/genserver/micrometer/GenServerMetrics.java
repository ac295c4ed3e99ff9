package io.genserver.micrometer;

import io.genserver.Node;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Publishes the metrics of one node in a [MeterRegistry]: processes, messages, mailboxes, crashes,
/// restarts and lost messages.
///
/// ```java
/// try (GenServerMetrics metrics = new GenServerMetrics()) {
///     metrics.bindTo(registry);
///     …
/// }
/// ```
///
/// | metric | type | tags |
/// |---|---|---|
/// | `genserver.processes` | gauge | `status` |
/// | `genserver.processes.started` | counter: servers whose init has ended well | `server` |
/// | `genserver.processes.ended` | counter: processes of any kind | `server`, `reason` |
/// | `genserver.crashes` | counter | `server`, `exception` |
/// | `genserver.restarts` | counter | `supervisor`, `child` |
/// | `genserver.supervisor.gave.up` | counter | `supervisor`, `child` |
/// | `genserver.messages.handled` | counter | `server`, `kind` |
/// | `genserver.mailbox.max` | gauge: the longest mailbox at this moment | `server` |
/// | `genserver.mailbox.time` | timer: how long calls and casts waited; one turn in 64 | `server` |
/// | `genserver.turn` | timer: how long turns took; one turn in 64 | `server` |
/// | `genserver.call` | timer; only with [Builder#calls] | `server`, `request`, `outcome`, `error.type` |
/// | `genserver.call.timeouts` | counter | `server`, `request` |
/// | `genserver.dead.letters` | counter | `reason` |
/// | `genserver.turns.long` | counter | `server` |
/// | `genserver.timers.armed` | gauge | |
///
/// ## Tags
///
/// Each metric also has the tag `node`, with the name that the node has when the metrics are bound.
/// So several nodes may be bound to one registry.
///
/// The other tags hold names of classes, and words such as `normal` for reasons that are no
/// exceptions. They hold no registered names and nothing of a message. `child` is the id of the
/// child if that is a class, else the class of the id. Each tag has at most 100 values
/// ([Builder#maxTagValues]); further ones are counted as `other`.
///
/// `server` also has values of processes that are no servers, such as tasks: the name that was
/// given to [io.genserver.ProcLib], or `spawn`. There are at most 10 such values, and further ones
/// are counted as `other`. They take no place from a class. A class of servers whose `init` has
/// never ended well counts as such a name.
///
/// ## Cost
///
/// A call, a cast and a message cost some 60 ns more. The gauges look at all processes of the node
/// at most once a second, and only while somebody reads them.
public final class GenServerMetrics implements MeterBinder, AutoCloseable {

    private final Options options;

    /// Guarded by this.
    private final Map<MeterRegistry, Binding> bindings = new HashMap<>();

    /// Guarded by this.
    private boolean closed;

    /// What a builder has collected.
    ///
    /// @param node the node
    /// @param maxTagValues how many values a tag has at most
    /// @param calls whether to time each call
    record Options(Node node, int maxTagValues, boolean calls) {}

    /// Creates the metrics of the node that the current thread acts on, with the defaults of the
    /// [Builder].
    public GenServerMetrics() {
        this(new Builder().options());
    }

    private GenServerMetrics(Options options) {
        this.options = options;
    }

    /// Returns a builder for metrics with other settings.
    ///
    /// @return the builder
    public static Builder builder() {
        return new Builder();
    }

    /// The settings of metrics.
    public static final class Builder {

        private @Nullable Node node;
        private int maxTagValues = 100;
        private boolean calls;

        private Builder() {}

        /// Sets the node. The default is the one that the thread acts on that calls [#build].
        ///
        /// @param measured the node
        /// @return this builder
        public Builder node(Node measured) {
            this.node = Objects.requireNonNull(measured, "node");
            return this;
        }

        /// Sets how many values a tag has at most. The default is 100.
        ///
        /// @param max the number of values besides `other`, 1 or more
        /// @return this builder
        /// @throws IllegalArgumentException if the number is less than 1
        public Builder maxTagValues(int max) {
            if (max < 1) {
                throw new IllegalArgumentException(
                        "expected maxTagValues to be 1 or more, got: " + max);
            }
            this.maxTagValues = max;
            return this;
        }

        /// Adds `genserver.call`, a timer of each [io.genserver.GenServer#call], which costs each
        /// call some 200 ns, also on other nodes. The default is not to.
        ///
        /// @return this builder
        public Builder calls() {
            this.calls = true;
            return this;
        }

        /// Creates the metrics.
        ///
        /// @return the metrics
        public GenServerMetrics build() {
            return new GenServerMetrics(options());
        }

        private Options options() {
            return new Options(node == null ? Node.current() : node, maxTagValues, calls);
        }
    }

    /// Adds the metrics to a registry and begins to count. Binding to the same registry twice does
    /// nothing.
    ///
    /// @param registry the registry
    /// @throws IllegalStateException if the metrics or the node are closed
    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        Objects.requireNonNull(registry, "registry");
        if (closed) {
            throw new IllegalStateException("expected open metrics, got closed ones");
        }
        if (!bindings.containsKey(registry)) {
            bindings.put(registry, Binding.begin(registry, options));
        }
    }

    /// Removes the metrics from all registries and ends the counting. The end of the node does the
    /// same. Closing twice does nothing.
    @Override
    public synchronized void close() {
        closed = true;
        bindings.values().forEach(Binding::close);
        bindings.clear();
    }
}
