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
/// After a turn, each thread local is what it was before. Scopes that the turn has left open are
/// closed, such as those of Micrometer's observations.
///
/// An accessor is asked for its value with each message and each turn. It must be quick and must
/// not throw.
public final class ThreadLocalsCarrier implements ContextCarrier {

    private static final ContextRegistry REGISTRY = ContextRegistry.getInstance();

    /// Whether Micrometer's observations are there.
    private static final boolean OBSERVATIONS = areThere();

    /// How many scopes that a turn has left open are ended. The rest is covered by one more.
    private static final int MOST_SCOPES = 1_000;

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
        private final @Nullable Values wanted;
        private final boolean[] given; // whether the accessor was told to set or clear its value
        private @Nullable Object scope; // of the observation that was the current one

        Entered(Values before, @Nullable Values wanted) {
            this.before = before;
            this.wanted = wanted;
            this.given = new boolean[before.accessors.length];
        }
    }

    /// Creates the carrier. The runtime calls this.
    public ThreadLocalsCarrier() {}

    private static boolean areThere() {
        try {
            Class<?> _ =
                    Class.forName(
                            "io.micrometer.observation.contextpropagation"
                                    + ".ObservationThreadLocalAccessor",
                            false,
                            ThreadLocalsCarrier.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }

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
        Entered entered = new Entered(new Values(REGISTRY.getThreadLocalAccessors()), wanted);
        for (int i = 0; i < entered.given.length; i++) {
            ThreadLocalAccessor<?> accessor = entered.before.accessors[i];
            Object value = wanted == null ? null : wanted.of(accessor);
            if (isOfObservations(accessor)) {
                entered.scope = Observations.scope(accessor);
            }
            if (value != entered.before.values[i]) {
                set(accessor, value);
                entered.given[i] = true;
            }
        }
        return entered;
    }

    @Override
    public void leave(@Nullable Object entered) {
        if (entered instanceof Entered it) {
            for (int i = it.given.length - 1; i >= 0; i--) {
                leave(it, i);
            }
        }
        Values before = entered instanceof Entered it ? it.before : null;
        for (ThreadLocalAccessor<?> accessor : REGISTRY.getThreadLocalAccessors()) {
            if ((before == null || before.of(accessor) == null) && accessor.getValue() != null) {
                clear(accessor); // the turn has set it, or has registered the accessor
            }
        }
    }

    private static void leave(Entered entered, int index) {
        ThreadLocalAccessor<?> accessor = entered.before.accessors[index];
        Object value = entered.before.values[index];
        if (isOfObservations(accessor)) {
            Observations.restore(accessor, entered.scope);
            return;
        }
        if (entered.given[index]) {
            Values wanted = entered.wanted;
            Object _ = takeBack(accessor, wanted == null ? null : wanted.of(accessor));
            restore(accessor, value);
        }
        if (takeBack(accessor, value) != value) {
            set(accessor, value); // the turn has changed it
        }
    }

    private static void clear(ThreadLocalAccessor<?> accessor) {
        if (isOfObservations(accessor)) {
            Observations.restore(accessor, null);
            return;
        }
        if (takeBack(accessor, null) != null) {
            accessor.setValue();
        }
    }

    /// Takes back what a turn has set, until the value is what it was. An accessor whose values are
    /// scopes has as many to end as the turn has left open.
    ///
    /// @return the value now
    private static @Nullable Object takeBack(
            ThreadLocalAccessor<?> accessor, @Nullable Object value) {
        Object now = accessor.getValue();
        for (int i = 0; now != null && now != value && i < MOST_SCOPES; i++) {
            accessor.restore();
            Object next = accessor.getValue();
            if (next != now && now.equals(next)) {
                return next; // a copy that is made for each look
            }
            now = next;
        }
        return now;
    }

    private static boolean isOfObservations(ThreadLocalAccessor<?> accessor) {
        return OBSERVATIONS && Observations.areOf(accessor);
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
