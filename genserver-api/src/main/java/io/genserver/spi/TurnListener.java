package io.genserver.spi;

import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ServerRef;
import org.jspecify.annotations.Nullable;

/// Sees the turns and the calls of all servers of this JVM, to measure or to trace them.
///
/// [#add] adds a listener. While there is none, a turn and a call cost one look at a field. So add
/// a listener only while somebody wants what it sees.
///
/// The methods run on the thread of the turn or of the caller. They must be quick, must not block,
/// and must not send, call or start anything. A listener that throws is logged and removed.
public interface TurnListener {

    /// What a turn handles.
    enum Kind {
        /// A call, by [io.genserver.GenServer#handleCall].
        CALL,
        /// A cast, by [io.genserver.GenServer#handleCast].
        CAST,
        /// A message, by [io.genserver.GenServer#handleInfo].
        INFO,
        /// A continuation, by [io.genserver.GenServer#handleContinue].
        CONTINUE
    }

    /// Adds a listener.
    ///
    /// @param listener the listener
    /// @return the subscription
    /// @throws IllegalArgumentException if [#oneTurnIn] is not a power of two from 1 to 64
    static RuntimeListener.Subscription add(TurnListener listener) {
        return ProcessRuntime.get().listen(listener);
    }

    /// Returns how many turns of a server there are for each one that is shown.
    ///
    /// @return a power of two from 1 to 64; 1 for all turns
    default int oneTurnIn() {
        return 1;
    }

    /// Returns whether all calls and requests are shown, or none. They cost less while no listener
    /// sees them.
    ///
    /// @return whether [#callBegins] and [#requestBegins] are to be called
    default boolean seesCalls() {
        return true;
    }

    /// A turn begins. The context of the message is already in place, see [ContextCarrier].
    ///
    /// @param node the node
    /// @param pid the server
    /// @param server the class of the server
    /// @param kind what it handles
    /// @param message the request or the message
    /// @param queued how long the message was in the mailbox, in ns; -1 if that is not known, as
    ///   for plain messages
    /// @return what [#turnEnds] is to get; null if this turn is of no interest
    default @Nullable Object turnBegins(
            Node node, Pid pid, String server, Kind kind, Object message, long queued) {
        return null;
    }

    /// A turn has ended.
    ///
    /// @param begun what [#turnBegins] has returned
    /// @param ended the exit reason if the server has ended; else null
    default void turnEnds(Object begun, @Nullable ExitReason ended) {}

    /// A caller begins a call by [io.genserver.GenServer#call]. The request is not made yet, so
    /// what this puts into the context travels with it.
    ///
    /// @param node the node of the caller
    /// @param server the server as the caller names it
    /// @param request the request
    /// @return what [#callEnds] is to get; null if this call is of no interest
    default @Nullable Object callBegins(Node node, ServerRef server, Object request) {
        return null;
    }

    /// A call has ended, with a reply or without.
    ///
    /// @param begun what [#callBegins] has returned
    /// @param server the class of the server; null if there was no such process
    /// @param failure why there is no reply; null if there is one
    default void callEnds(Object begun, @Nullable String server, @Nullable ExitReason failure) {}

    /// A request begins whose reply is taken later: by [io.genserver.GenServer#sendRequest],
    /// [io.genserver.GenServer#callAsync], or for one server of [io.genserver.GenServer#multiCall].
    /// The request is not made yet, so what this puts into the context travels with it.
    ///
    /// Like a call, it is shown only if [#seesCalls].
    ///
    /// @param node the node of the caller
    /// @param server the server as the caller names it
    /// @param request the request
    /// @return what [#requestMade] and [#requestEnds] are to get; null if this request is of no
    ///   interest
    default @Nullable Object requestBegins(Node node, ServerRef server, Object request) {
        return null;
    }

    /// A request has taken the context of its caller. Runs on the thread of [#requestBegins], so
    /// that the caller can have the context back that it had before.
    ///
    /// @param begun what [#requestBegins] has returned
    default void requestMade(Object begun) {}

    /// A request has ended: with a reply, without, or because the caller has given it up. A request
    /// that the server neither answers nor refuses does not end while the server lives, unless the
    /// caller gives it up. Runs on any thread.
    ///
    /// @param begun what [#requestBegins] has returned
    /// @param server the class of the server; null if there was no such process
    /// @param failure why there is no reply; null if there is one
    default void requestEnds(Object begun, @Nullable String server, @Nullable ExitReason failure) {}
}
