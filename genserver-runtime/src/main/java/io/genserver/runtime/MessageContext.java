package io.genserver.runtime;

import io.genserver.spi.ContextCarrier;
import java.util.Map;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The context that travels with messages: the log context, and what the carriers of other contexts
/// carry.
///
/// On the way it is one object: the map of the log context, or a [Carried] if a carrier has
/// something to carry; null if everything is empty. If there are no carriers, which is most often
/// so, the compiler removes all code that is for them.
final class MessageContext {

    private static final Logger log = LoggerFactory.getLogger(ContextCarrier.class);

    /// Null if there are none.
    private static final ContextCarrier @Nullable [] CARRIERS = load();

    /// What [#enterOthers] returns if all contexts were empty and are empty.
    private static final @Nullable Object[] NOTHING = {};

    /// What travels if not only the log context does.
    private static final class Carried {
        final @Nullable Map<String, String> log; // null: empty
        final @Nullable Object[] others; // in the order of CARRIERS; null: empty

        Carried(@Nullable Map<String, String> log, @Nullable Object[] others) {
            this.log = log;
            this.others = others;
        }
    }

    private MessageContext() {}

    private static ContextCarrier @Nullable [] load() {
        ContextCarrier[] found =
                ServiceLoader.load(ContextCarrier.class, ContextCarrier.class.getClassLoader())
                        .stream()
                        .map(ServiceLoader.Provider::get)
                        .toArray(ContextCarrier[]::new);
        return found.length == 0 ? null : found;
    }

    /// Returns the context that a message sent now carries; null for an empty one. Any thread.
    static @Nullable Object carried() {
        Map<String, String> log = LogContext.carried();
        return CARRIERS == null ? log : withOthers(CARRIERS, log);
    }

    private static @Nullable Object withOthers(
            ContextCarrier[] carriers, @Nullable Map<String, String> log) {
        @Nullable Object[] others = null;
        for (int i = 0; i < carriers.length; i++) {
            Object captured = capture(carriers[i]);
            if (captured != null) {
                if (others == null) {
                    others = new Object[carriers.length];
                }
                others[i] = captured;
            }
        }
        return others == null ? log : new Carried(log, others);
    }

    /// Returns the log context that has travelled; null for an empty one.
    @SuppressWarnings("unchecked") // what travels is a map or a Carried
    static @Nullable Map<String, String> log(@Nullable Object carried) {
        return carried instanceof Carried both ? both.log : (Map<String, String>) carried;
    }

    /// Makes the context of the current thread the one that has travelled. The process's thread.
    ///
    /// @return what [#leave] needs
    static @Nullable Object @Nullable [] enter(@Nullable Object carried) {
        LogContext.enter(log(carried));
        return CARRIERS == null ? null : enterOthers(CARRIERS, carried);
    }

    /// Does the same for a message, on a thread that may be a user's.
    ///
    /// @throws StackOverflowError as [#lend]
    static @Nullable Object @Nullable [] enterWith(Object message) {
        if (CARRIERS != null) {
            StackRoom.require();
        }
        return LogContext.isOff() && CARRIERS == null ? null : enter(Envelope.context(message));
    }

    /// Does the same on a thread that has just made a request and is about to run the server
    /// itself. The log context is left to [LogContext#lend].
    ///
    /// @param request null if each turn enters a context
    /// @throws StackOverflowError if the stack may end in the carriers, here or in [#leave];
    ///   nothing is entered then
    static @Nullable Object @Nullable [] lend(@Nullable ReplySlot request) {
        if (CARRIERS == null || request == null) {
            return null;
        }
        StackRoom.requireLittle();
        return enterOthers(CARRIERS, request.context);
    }

    private static @Nullable Object[] enterOthers(
            ContextCarrier[] carriers, @Nullable Object carried) {
        @Nullable Object[] others = carried instanceof Carried it ? it.others : NOTHING;
        @Nullable Object[] entered = NOTHING;
        for (int i = 0; i < carriers.length; i++) {
            Object before = enter(carriers[i], others == NOTHING ? null : others[i]);
            if (before != null) {
                if (entered == NOTHING) {
                    entered = new Object[carriers.length];
                }
                entered[i] = before;
            }
        }
        return entered;
    }

    /// Takes back what [#enter] has done for the carriers. The log context stays until the next one
    /// is entered. The same thread.
    static void leave(@Nullable Object @Nullable [] entered) {
        if (CARRIERS != null && entered != null) {
            for (int i = CARRIERS.length - 1; i >= 0; i--) {
                leave(CARRIERS[i], entered == NOTHING ? null : entered[i]);
            }
        }
    }

    // What a carrier throws must end neither a server nor a call. Its context is lost then.

    private static @Nullable Object capture(ContextCarrier carrier) {
        try {
            return carrier.capture();
        } catch (RuntimeException thrown) {
            failed(carrier, thrown);
            return null;
        }
    }

    private static @Nullable Object enter(ContextCarrier carrier, @Nullable Object captured) {
        try {
            return carrier.enter(captured);
        } catch (RuntimeException thrown) {
            failed(carrier, thrown);
            return null;
        }
    }

    private static void leave(ContextCarrier carrier, @Nullable Object entered) {
        try {
            carrier.leave(entered);
        } catch (RuntimeException thrown) {
            failed(carrier, thrown);
        }
    }

    private static void failed(ContextCarrier carrier, RuntimeException thrown) {
        log.error("the context carrier {} failed", carrier.getClass().getName(), thrown);
    }
}
