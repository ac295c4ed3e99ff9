package io.genserver;

import io.genserver.spi.ProcessRuntime;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A set of requests that are sent at the same time, each with a label, so that their responses can
/// be received as they arrive.
///
/// ```java
/// RequestIdCollection<Integer, String> sizes = new RequestIdCollection<>();
/// stacks.forEach((name, stack) -> sizes.add(GenServer.sendRequest(stack, new Size()), name));
/// while (sizes.receiveResponse(limit, true)
///         instanceof RequestIdCollection.Answered<Integer, String>(var response, var name)) {
///     …
/// }
/// ```
///
/// For use by one process or thread; not thread-safe. Source: `gen_server:request_id_collection()`,
/// but this collection is changed in place.
///
/// @param <R> the type of the replies
/// @param <L> the type of the labels
public final class RequestIdCollection<R extends @Nullable Object, L> {

    /// The outcome of waiting for any of the requests, or of checking a message.
    ///
    /// @param <R> the type of the replies
    /// @param <L> the type of the labels
    public sealed interface Result<R extends @Nullable Object, L> {}

    /// One of the requests has its response.
    ///
    /// @param response a [Response.Reply] or a [Response.Failed]
    /// @param label the label of the request
    /// @param <R> the type of the replies
    /// @param <L> the type of the labels
    public record Answered<R extends @Nullable Object, L>(Response<R> response, L label)
            implements Result<R, L> {}

    /// No response came in time.
    ///
    /// @param <R> the type of the replies
    /// @param <L> the type of the labels
    public record TimedOut<R extends @Nullable Object, L>() implements Result<R, L> {}

    /// The collection is empty.
    ///
    /// @param <R> the type of the replies
    /// @param <L> the type of the labels
    public record NoRequest<R extends @Nullable Object, L>() implements Result<R, L> {}

    /// The message is not a response to any of the requests.
    ///
    /// @param <R> the type of the replies
    /// @param <L> the type of the labels
    public record NoReply<R extends @Nullable Object, L>() implements Result<R, L> {}

    private final Map<RequestId<R>, L> requests = new LinkedHashMap<>();

    /// Creates an empty collection. Source: `gen_server:reqids_new/0`.
    public RequestIdCollection() {}

    /// Adds a request. Source: `gen_server:reqids_add/3`.
    ///
    /// @param request the request
    /// @param label the label that [Answered] returns with the response
    /// @throws IllegalArgumentException if the collection already contains the request
    public void add(RequestId<R> request, L label) {
        if (requests.putIfAbsent(request, label) != null) {
            throw new IllegalArgumentException(
                    "expected a request that is not in the collection, got: " + request);
        }
    }

    /// Returns the number of requests. Source: `gen_server:reqids_size/1`.
    ///
    /// @return the number
    public int size() {
        return requests.size();
    }

    /// Returns the requests with their labels. Source: `gen_server:reqids_to_list/1`.
    ///
    /// @return the entries, in the order in which they were added
    public List<Map.Entry<RequestId<R>, L>> toList() {
        return requests.entrySet().stream()
                .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
                .toList();
    }

    /// Waits for the next response to any of the requests. If none comes in time, all requests are
    /// abandoned and late replies are dropped. Source: `gen_server:receive_response/3`.
    ///
    /// In a process, responses are received in the order of arrival. On a thread that is not a
    /// process, the first request in the order of addition that has a response is taken.
    ///
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @param delete whether to remove the answered request from the collection
    /// @return an [Answered], a [TimedOut] or a [NoRequest]
    /// @throws ExitException if the calling process ends while it waits, or with `interrupted` if
    ///   the thread is interrupted
    /// @throws IllegalStateException if another process or thread sent one of the requests
    /// @throws IllegalArgumentException if the timeout is negative
    public Result<R, L> receiveResponse(Duration timeout, boolean delete) {
        Result<R, L> result = waitResponse(timeout, delete);
        if (result instanceof TimedOut) {
            requests.keySet().forEach(request -> request.receiveResponse(Duration.ZERO));
        }
        return result;
    }

    /// Waits for the next response to any of the requests. If none comes in time, the caller may
    /// wait again. Source: `gen_server:wait_response/3`.
    ///
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @param delete whether to remove the answered request from the collection
    /// @return an [Answered], a [TimedOut] or a [NoRequest]
    /// @throws ExitException if the calling process ends while it waits, or with `interrupted` if
    ///   the thread is interrupted
    /// @throws IllegalStateException if another process or thread sent one of the requests
    /// @throws IllegalArgumentException if the timeout is negative
    public Result<R, L> waitResponse(Duration timeout, boolean delete) {
        if (requests.isEmpty()) {
            return new NoRequest<>();
        }
        return ProcessRuntime.get()
                .awaitAny(requests.keySet(), timeout)
                .map(request -> answered(request, request.waitResponse(Duration.ZERO), delete))
                .orElseGet(TimedOut::new);
    }

    /// Checks whether a received message is the response to one of the requests. Source:
    /// `gen_server:check_response/3`.
    ///
    /// @param message the message
    /// @param delete whether to remove the answered request from the collection
    /// @return an [Answered], a [NoReply] or a [NoRequest]
    public Result<R, L> checkResponse(Object message, boolean delete) {
        if (requests.isEmpty()) {
            return new NoRequest<>();
        }
        for (RequestId<R> request : requests.keySet()) {
            Optional<Response<R>> response = request.checkResponse(message);
            if (response.isPresent()) {
                return answered(request, response.get(), delete);
            }
        }
        return new NoReply<>();
    }

    private Result<R, L> answered(RequestId<R> request, Response<R> response, boolean delete) {
        L label = delete ? requests.remove(request) : requests.get(request);
        if (label == null) {
            throw new AssertionError(
                    "expected an answered request of the collection, got: " + request);
        }
        return new Answered<>(response, label);
    }
}
