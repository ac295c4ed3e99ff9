package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.ServerRef;
import io.genserver.spi.RuntimeListener;
import io.genserver.spi.TurnListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The listeners to turns and calls. A turn and a call look at [#active] once. While it is null,
/// nothing else happens.
final class TurnListeners {

    private static final Logger log = LoggerFactory.getLogger(TurnListener.class);

    /// Null while there are none. Replaced as a whole, guarded by the class; read by any thread.
    static volatile @Nullable TurnListeners active;

    private final List<Use> uses;

    /// The bits of the number of a turn that are 0 in the turns that any listener wants.
    private final int mask;

    /// Whether any listener sees calls.
    final boolean seeCalls;

    private TurnListeners(List<Use> uses) {
        this.uses = uses;
        this.mask = uses.stream().mapToInt(use -> use.mask).min().orElseThrow();
        this.seeCalls = uses.stream().anyMatch(use -> use.seesCalls);
    }

    /// One subscription.
    private static final class Use implements RuntimeListener.Subscription {
        private final TurnListener listener;
        private final int mask;
        private final boolean seesCalls;

        Use(TurnListener listener, int oneTurnIn) {
            this.listener = listener;
            this.mask = oneTurnIn - 1;
            this.seesCalls = listener.seesCalls();
        }

        @Override
        public void close() {
            change(uses -> uses.remove(this));
        }

        void failed(Throwable thrown) {
            if (thrown instanceof VirtualMachineError) {
                return; // the stack or the memory of this thread has ended, which is not its fault
            }
            close();
            log.error(
                    "removed the listener {}, because it failed",
                    listener.getClass().getName(),
                    thrown);
        }
    }

    static RuntimeListener.Subscription add(TurnListener listener) {
        int oneTurnIn = Objects.requireNonNull(listener, "listener").oneTurnIn();
        if (oneTurnIn < 1 || oneTurnIn > 64 || Integer.bitCount(oneTurnIn) != 1) {
            throw new IllegalArgumentException(
                    "expected oneTurnIn of a listener to be a power of two from 1 to 64, got: "
                            + oneTurnIn);
        }
        Use use = new Use(listener, oneTurnIn);
        change(uses -> uses.add(use));
        return use;
    }

    private static synchronized void change(Consumer<List<Use>> change) {
        TurnListeners now = active;
        List<Use> next = new ArrayList<>(now == null ? List.of() : now.uses);
        change.accept(next);
        active = next.isEmpty() ? null : new TurnListeners(List.copyOf(next));
    }

    // Turns

    /// Runs a turn and shows it to the listeners that want it. Owner.
    void turn(LocalProcess process, TurnListener.Kind kind, Object message, Runnable turn) {
        if ((process.handled() & mask) != 0) {
            turn.run();
            return;
        }
        @Nullable Object[] begun = new Object[uses.size()];
        Object content = content(message);
        String server = process.initialCall();
        long queued = queued(process, message);
        for (int i = 0; i < begun.length; i++) {
            Use use = uses.get(i);
            if ((process.handled() & use.mask) == 0) {
                try {
                    begun[i] =
                            use.listener.turnBegins(
                                    process.node, process.pid, server, kind, content, queued);
                } catch (Throwable thrown) { // the user's code
                    use.failed(thrown);
                }
            }
        }
        try {
            turn.run();
        } finally {
            end(begun, (listener, token) -> listener.turnEnds(token, process.exitReason()));
        }
    }

    private static Object content(Object message) {
        Object content = Envelope.content(message);
        return content == null ? message : content;
    }

    private static long queued(LocalProcess process, Object message) {
        long sentAt = Envelope.sentAt(message);
        return sentAt == 0 ? -1 : Math.max(0, process.node.timers.clock().nanoTime() - sentAt);
    }

    // Calls

    /// Shows the listeners that a call begins. The caller's thread.
    ///
    /// @return what [#callEnds] needs
    @Nullable Object[] callBegins(LocalNode node, ServerRef server, Object request) {
        return begin(listener -> listener.callBegins(node, server, request));
    }

    /// Shows the listeners that a call has ended. The caller's thread.
    ///
    /// @param server the class of the server; null if no process was found
    /// @param failure why there is no reply; null if there is one
    void callEnds(@Nullable Object[] begun, @Nullable String server, @Nullable ExitReason failure) {
        end(begun, (listener, token) -> listener.callEnds(token, server, failure));
    }

    // Requests whose reply is taken later

    /// Makes a request, and shows the listeners that it begins. The caller's thread.
    ///
    /// @param slot makes the request; it gets null if no listener wants to see its end
    static <S extends WatchedRequest> S request(
            LocalNode node,
            ServerRef server,
            Object request,
            Function<@Nullable RequestWatch, S> slot) {
        TurnListeners listeners = active;
        if (listeners == null || !listeners.seeCalls) {
            return slot.apply(null);
        }
        RequestWatch watch =
                new RequestWatch(listeners, listeners.requestBegins(node, server, request));
        S made;
        try {
            made = slot.apply(watch);
        } catch (Throwable thrown) { // no stack or no memory left
            watch.made();
            watch.end(null, Thrown.reason(thrown));
            throw thrown;
        }
        watch.made();
        return made;
    }

    private @Nullable Object[] requestBegins(LocalNode node, ServerRef server, Object request) {
        return begin(listener -> listener.requestBegins(node, server, request));
    }

    void requestMade(@Nullable Object[] begun) {
        end(begun, TurnListener::requestMade);
    }

    void requestEnds(
            @Nullable Object[] begun, @Nullable String server, @Nullable ExitReason failure) {
        end(begun, (listener, token) -> listener.requestEnds(token, server, failure));
    }

    private @Nullable Object[] begin(Function<TurnListener, @Nullable Object> begin) {
        StackRoom.require(); // so that there is some for the end
        @Nullable Object[] begun = new Object[uses.size()];
        for (int i = 0; i < begun.length; i++) {
            if (!uses.get(i).seesCalls) {
                continue;
            }
            try {
                begun[i] = begin.apply(uses.get(i).listener);
            } catch (Throwable thrown) { // the user's code
                uses.get(i).failed(thrown);
            }
        }
        return begun;
    }

    private interface End {
        void tell(TurnListener listener, Object begun);
    }

    /// Ends what began, in reverse order.
    private void end(@Nullable Object[] begun, End end) {
        for (int i = begun.length - 1; i >= 0; i--) {
            Object token = begun[i];
            if (token != null) {
                try {
                    end.tell(uses.get(i).listener, token);
                } catch (Throwable thrown) { // the user's code
                    uses.get(i).failed(thrown);
                }
            }
        }
    }
}
