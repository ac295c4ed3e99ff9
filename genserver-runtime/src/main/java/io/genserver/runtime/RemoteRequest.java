package io.genserver.runtime;

import io.genserver.Call;
import io.genserver.ExitReason;
import io.genserver.ReplyTo;
import io.genserver.spi.SystemRequest;
import io.genserver.spi.distribution.Address;
import io.genserver.spi.distribution.Signal;
import org.jspecify.annotations.Nullable;

/// The requests of other nodes to servers of this one. Their answer goes to the node that asked.
final class RemoteRequest {

    private RemoteRequest() {}

    /// Where the answer goes.
    ///
    /// @param origin the node that asked, and the number of the request there
    record ReturnPath(Remotes remotes, Address origin) {

        void answer(ReplySlot request, @Nullable Object outcome) {
            RemotePeer peer = peer();
            if (peer == null) {
                return; // nobody waits there any more
            }
            peer.answered(origin.number());
            peer.connection.post(
                    switch (outcome) {
                        case ReplySlot.Failure(ExitReason reason) ->
                                new Signal.Failed(origin.number(), reason, request.unhandled);
                        case ReplySlot.SystemCall.Refused(RuntimeException problem) ->
                                new Signal.Failed(origin.number(), ExitReason.of(problem), false);
                        case null, default -> new Signal.Reply(origin.number(), outcome);
                    });
        }

        boolean isOpen(ReplySlot request) {
            return !request.isAnswered() && peer() != null;
        }

        private @Nullable RemotePeer peer() {
            return remotes.peer(origin.node(), origin.incarnation());
        }
    }

    /// A call.
    static class OfCall extends ReplySlot.Request {
        final ReturnPath path;

        OfCall(
                ReturnPath path,
                @Nullable ProcessPid caller,
                Object request,
                @Nullable Object context) {
            super(request, caller, context);
            this.path = path;
        }

        @Override
        boolean tell() {
            path.answer(this, outcome());
            return true;
        }

        @Override
        boolean isAwaitedHere() {
            return false;
        }

        @Override
        public boolean isAwaited() {
            return path.isOpen(this);
        }

        @Override
        String callerNode() {
            return path.origin().node();
        }
    }

    /// A call that this node has not seen: its [io.genserver.From] was sent here.
    static final class Elsewhere extends OfCall {

        Elsewhere(ReturnPath path, @Nullable ProcessPid caller) {
            super(path, caller, "a call to another process", null);
        }

        @Override
        @SuppressWarnings("unchecked") // nobody here can check what the caller expects
        public <R extends @Nullable Object> ReplyTo<R> replyTo(Call<R> asked) {
            return (ReplyTo<R>) this;
        }
    }

    /// A request to stop.
    static final class OfStop extends ReplySlot.Stop {
        private final ReturnPath path;

        OfStop(ReturnPath path, @Nullable ProcessPid caller, ExitReason reason) {
            super(caller, reason);
            this.path = path;
        }

        @Override
        boolean tell() {
            path.answer(this, outcome());
            return true;
        }

        @Override
        boolean isAwaitedHere() {
            return false;
        }

        @Override
        public boolean isAwaited() {
            return path.isOpen(this);
        }

        @Override
        String callerNode() {
            return path.origin().node();
        }
    }

    /// A system request.
    static final class OfSystem extends ReplySlot.SystemCall {
        private final ReturnPath path;

        OfSystem(ReturnPath path, @Nullable ProcessPid caller, SystemRequest request) {
            super(caller, request);
            this.path = path;
        }

        @Override
        boolean tell() {
            path.answer(this, outcome());
            return true;
        }

        @Override
        boolean isAwaitedHere() {
            return false;
        }

        @Override
        public boolean isAwaited() {
            return path.isOpen(this);
        }

        @Override
        String callerNode() {
            return path.origin().node();
        }
    }
}
