package io.genserver.context;

import io.genserver.spi.ContextCarrier;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Carries along with messages what the accessors of [ContextRegistry#getInstance] know: the thread
/// locals that a library or a program has registered there, such as Spring Security's.
///
/// The runtime finds this class if the module is on the class path or the module path. A program
/// does not use it. A value travels as it is and is not copied, so it should not change.
///
/// An accessor is asked for its value with each message and each turn. It must be quick and must
/// not throw.
public final class ThreadLocalsCarrier implements ContextCarrier {

    private static final ContextRegistry REGISTRY = ContextRegistry.getInstance();

    /// The values of some accessors at one moment. A value that is null was not set.
    private static final class Values {
        private final ThreadLocalAccessor<?>[] accessors;
        private final @Nullable Object[] values;

        Values(List<ThreadLocalAccessor<?>> known) {
            this.accessors = known.toArray(ThreadLocalAccessor<?>[]::new);
            this.values = new Object[accessors.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = accessors[i].getValue();
            }
        }

        private @Nullable Object of(ThreadLocalAccessor<?> accessor) {
            for (int i = 0; i < accessors.length; i++) {
                if (accessors[i] == accessor) {
                    return values[i];
                }
            }
            return null;
        }
    }

    /// What a turn found, and what it was given instead.
    private static final class Entered {
        private final Values before;
        private final boolean[] given; // whether the accessor was told to set or clear its value

        Entered(Values before) {
            this.before = before;
            this.given = new boolean[before.accessors.length];
        }
    }

    /// Creates the carrier. The runtime calls this.
    public ThreadLocalsCarrier() {}

    @Override
    public @Nullable Object capture() {
        return current();
    }

    private static @Nullable Values current() {
        List<ThreadLocalAccessor<?>> known = REGISTRY.getThreadLocalAccessors();
        boolean empty = true;
        for (ThreadLocalAccessor<?> accessor : known) {
            if (accessor.getValue() != null) {
                empty = false;
                break;
            }
        }
        return empty ? null : new Values(known);
    }

    @Override
    public @Nullable Object enter(@Nullable Object captured) {
        if (captured == null && current() == null) {
            return null;
        }
        Values wanted = (Values) captured;
        Entered entered = new Entered(new Values(REGISTRY.getThreadLocalAccessors()));
        for (int i = 0; i < entered.given.length; i++) {
            ThreadLocalAccessor<?> accessor = entered.before.accessors[i];
            Object value = wanted == null ? null : wanted.of(accessor);
            if (value != entered.before.values[i]) {
                set(accessor, value);
                entered.given[i] = true;
            }
        }
        return entered;
    }

    @Override
    public void leave(@Nullable Object entered) {
        Values before = entered instanceof Entered it ? it.before : null;
        if (entered instanceof Entered it) {
            for (int i = it.given.length - 1; i >= 0; i--) {
                ThreadLocalAccessor<?> accessor = it.before.accessors[i];
                Object value = it.before.values[i];
                if (it.given[i]) {
                    restore(accessor, value);
                }
                if (accessor.getValue() != value) {
                    set(accessor, value); // the turn has changed it
                }
            }
        }
        for (ThreadLocalAccessor<?> accessor : REGISTRY.getThreadLocalAccessors()) {
            if ((before == null || before.of(accessor) == null) && accessor.getValue() != null) {
                accessor.setValue(); // the turn has registered the accessor
            }
        }
    }

    @SuppressWarnings("unchecked") // the value is one of this accessor
    private static void set(ThreadLocalAccessor<?> accessor, @Nullable Object value) {
        if (value == null) {
            accessor.setValue();
        } else {
            ((ThreadLocalAccessor<Object>) accessor).setValue(value);
        }
    }

    /// Takes back a value that was set. An accessor whose values are scopes ends the scope here.
    @SuppressWarnings("unchecked") // the value is one of this accessor
    private static void restore(ThreadLocalAccessor<?> accessor, @Nullable Object previous) {
        if (previous == null) {
            accessor.restore();
        } else {
            ((ThreadLocalAccessor<Object>) accessor).restore(previous);
        }
    }
}
