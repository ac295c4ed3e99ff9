package io.genserver;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A request that has been sent and is to be answered later, see [GenServer#sendRequest]: a future
/// whose answer arrives in the mailbox of the process that sent it.
///
/// A plain process waits for the answer with [#receiveResponse] or [#waitResponse]. A server does
/// not wait: the answer is a message for its [GenServer#handleInfo], which [#checkResponse]
/// recognises.
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
/// It belongs to the process that sent it, or to the thread if that is no process: nobody else may
/// wait for it. Made by the runtime only. Source: `gen_server:request_id()`.
///
/// @param <R> the type of the reply
public interface RequestId<R extends @Nullable Object> {

    /// Waits for the response; if none comes in time the request is abandoned, and a late reply
    /// vanishes. Source: `gen_server:receive_response/2`.
    ///
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] to wait for ever
    /// @return the response; the same again if it has been received before
    /// @throws IllegalStateException if the request is another process's
    /// @throws IllegalArgumentException if the timeout is negative
    Response<R> receiveResponse(Duration timeout);

    /// Waits for the response; if none comes in time it may be waited for again. Source:
    /// `gen_server:wait_response/2`.
    ///
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] to wait for ever
    /// @return the response; the same again if it has been received before
    /// @throws IllegalStateException if the request is another process's
    /// @throws IllegalArgumentException if the timeout is negative
    Response<R> waitResponse(Duration timeout);

    /// Whether a message that was received is the response. Source: `gen_server:check_response/2`.
    ///
    /// @param message the message
    /// @return the response, or empty if the message is something else
    Optional<Response<R>> checkResponse(Object message);
}
