package io.genserver;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A request that was sent with [GenServer#sendRequest] and is answered later.
///
/// If a process sent it, the response arrives in the mailbox of that process. A plain process waits
/// for it with [#receiveResponse] or [#waitResponse]. A server does not wait: it gets the response
/// as a message in [GenServer#handleInfo], where [#checkResponse] recognises it.
///
/// ```java
/// RequestId<Integer> size = GenServer.sendRequest(stack, new Size());
/// // … do something else …
/// switch (size.receiveResponse(Duration.ofSeconds(1))) {
///     case Response.Reply(Integer elements) -> …
///     case Response.Failed(ExitReason reason, ServerRef server) -> …
///     case Response.TimedOut() -> …
/// }
/// ```
///
/// Only the sender may wait for the response: the process that sent the request, or the thread if
/// it is not a process. For a response that any thread may take, use
/// [GenServer#callAsync(ServerRef, Call, Duration)]. Only the runtime makes instances.
///
/// Source: `gen_server:request_id()`.
///
/// @param <R> the type of the reply
public interface RequestId<R extends @Nullable Object> {

    /// Waits for the response. If none comes in time, the request is abandoned and a late reply is
    /// dropped. Source: `gen_server:receive_response/2`.
    ///
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @return the response; the same one again if it was received before
    /// @throws ExitException if the calling process ends while it waits, or with `interrupted` if
    ///   the thread is interrupted
    /// @throws IllegalStateException if another process or thread sent the request
    /// @throws IllegalArgumentException if the timeout is negative
    Response<R> receiveResponse(Duration timeout);

    /// Waits for the response. If none comes in time, the caller may wait again. Source:
    /// `gen_server:wait_response/2`.
    ///
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @return the response; the same one again if it was received before
    /// @throws ExitException if the calling process ends while it waits, or with `interrupted` if
    ///   the thread is interrupted
    /// @throws IllegalStateException if another process or thread sent the request
    /// @throws IllegalArgumentException if the timeout is negative
    Response<R> waitResponse(Duration timeout);

    /// Checks whether a received message is the response to this request. Source:
    /// `gen_server:check_response/2`.
    ///
    /// @param message the message
    /// @return the response, or empty if the message is something else
    Optional<Response<R>> checkResponse(Object message);
}
