package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.ServerRef;
import io.genserver.spi.RuntimeListener;
import io.genserver.spi.TurnListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
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

    /// Returns the class of a server; null if there is no such process.
    static @Nullable String classOf(LocalNode node, ServerRef server) {
        try {
            LocalProcess process = node.resolve(server);
            return process == null ? null : process.initialCall();
        } catch (Throwable broken) { // a user's registry; the call then fails, too
            return null;
        }
    }

    /// Shows the listeners that a call begins. The caller's thread.
    ///
    /// @return what [#callEnds] needs
    @Nullable Object[] callBegins(LocalNode node, ServerRef server, Object request) {
        StackRoom.require(); // so that there is some for the end
        @Nullable Object[] begun = new Object[uses.size()];
        for (int i = 0; i < begun.length; i++) {
            if (!uses.get(i).seesCalls) {
                continue;
            }
            try {
                begun[i] = uses.get(i).listener.callBegins(node, server, request);
            } catch (Throwable thrown) { // the user's code
                uses.get(i).failed(thrown);
            }
        }
        return begun;
    }

    /// Shows the listeners that a call has ended. The caller's thread.
    ///
    /// @param server the class of the server; null if no process was found
    /// @param failure why there is no reply; null if there is one
    void callEnds(@Nullable Object[] begun, @Nullable String server, @Nullable ExitReason failure) {
        end(begun, (listener, token) -> listener.callEnds(token, server, failure));
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
