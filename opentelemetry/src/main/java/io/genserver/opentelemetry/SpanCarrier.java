package io.genserver.opentelemetry;

import io.genserver.spi.ContextCarrier;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextStorage;
import io.opentelemetry.context.Scope;
import org.jspecify.annotations.Nullable;

/// Carries OpenTelemetry's current [Context] along with messages: the current span, the baggage and
/// whatever else is in it.
///
/// The runtime finds this class if the module is on the class path or the module path. A program
/// does not use it.
public final class SpanCarrier implements ContextCarrier {

    private record Entered(Context before, Scope scope) {}

    /// Creates the carrier. The runtime calls this.
    public SpanCarrier() {}

    @Override
    public @Nullable Object capture() {
        Context current = Context.current();
        return current == Context.root() ? null : current;
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // leave closes it
    public @Nullable Object enter(@Nullable Object captured) {
        Context before = Context.current();
        if (captured == null && before == Context.root()) {
            return null;
        }
        Context next = captured == null ? Context.root() : (Context) captured;
        return new Entered(before, next.makeCurrent());
    }

    @Override
    public void leave(@Nullable Object entered) {
        Context before = Context.root();
        if (entered instanceof Entered(Context was, Scope scope)) {
            before = was;
            if (Context.current() != before) {
                scope.close();
            }
        }
        if (Context.current() != before) {
            leaveOpenScopes(before);
        }
    }

    /// Makes a context current although the turn has left scopes open, so that theirs are not seen
    /// in the next turn.
    @SuppressWarnings("MustBeClosedChecker") // its end is the next leave
    private static void leaveOpenScopes(Context before) {
        ContextStorage.get().attach(before);
    }
}
