package io.genserver.runtime;

import io.genserver.RequestId;
import io.genserver.Response;
import io.genserver.ServerRef;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A request whose sender continues and takes the response later. If the sender is a process, the
/// response arrives in its mailbox through an alias, so that none arrives after the request was
/// abandoned. A thread that is no process takes the response from this object.
final class SentRequest extends WatchedRequest implements RequestId<@Nullable Object> {

    /// The response in the sender's mailbox, an ordinary message.
    ///
    /// @param request the request that it answers
    record Answer(SentRequest request) {
        @Override
        public String toString() {
            return "Answer[" + SafeText.of(request.request) + "]";
        }
    }

    private final ServerRef server;

    /// Null if the sender is a thread that is no process.
    private final @Nullable Alias alias;

    private boolean received; // whether the response was taken; only the sender
    private boolean abandoned; // whether the sender has given up; only the sender

    SentRequest(
            Object request,
            ServerRef server,
            @Nullable LocalProcess sender,
            @Nullable RequestWatch watch) {
        super(request, sender, watch);
        this.server = server;
        this.alias = sender == null ? null : new Alias(sender.pid, true, true);
    }

    @Override
    boolean isAwaitedHere() {
        return false; // the sender's own thread has to be told too
    }

    /// Tells the sender that there is an outcome. Any thread.
    @Override
    boolean tellCaller() {
        if (alias == null) {
            return wakeCaller();
        }
        LocalProcess sender = alias.owner.process();
        return sender != null && sender.deliverThrough(alias, new Answer(this));
    }

    /// Returns the process that sent it; null if no process did.
    @Nullable ProcessPid sender() {
        return alias == null ? null : alias.owner;
    }

    boolean isReceived() {
        return received;
    }

    void received() {
        received = true;
    }

    @Override
    public Response<@Nullable Object> receiveResponse(Duration timeout) {
        Response<@Nullable Object> response = waitResponse(timeout);
        if (response instanceof Response.TimedOut && !abandoned) {
            abandoned = Requests.abandon(this, alias);
            return abandoned ? response : response(); // it has just arrived
        }
        return response;
    }

    @Override
    public Response<@Nullable Object> waitResponse(Duration timeout) {
        if (received) {
            return response();
        }
        if (abandoned) {
            return new Response.TimedOut<>();
        }
        return Requests.awaitAny(List.of(this), timeout).isPresent()
                ? response()
                : new Response.TimedOut<>();
    }

    @Override
    public Optional<Response<@Nullable Object>> checkResponse(Object message) {
        if (!(message instanceof Answer(SentRequest answered)) || answered != this) {
            return Optional.empty();
        }
        received = true;
        return Optional.of(response());
    }

    private Response<@Nullable Object> response() {
        Object outcome = outcome();
        return outcome instanceof Failure(var reason)
                ? new Response.Failed<>(reason, server)
                : new Response.Reply<>(outcome);
    }

    @Override
    public String toString() {
        return "RequestId[" + SafeText.of(request) + " to " + server + "]";
    }
}
