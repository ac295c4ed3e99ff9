package io.genserver;

import org.jspecify.annotations.Nullable;

/// The caller that waits for the reply to the call that [GenServer#handleCall] handles.
///
/// To answer later, keep what [#replyTo] returns, and return [CastResult#noreply]. Any thread may
/// then answer with [GenServer#reply].
///
/// Source: `GenServer.from/0`.
public interface From extends Caller {

    /// Returns the caller with the type of the reply that it waits for.
    ///
    /// @param request the request that the callback got with this object
    /// @param <R> the type of the reply
    /// @return the caller, for [GenServer#reply]
    /// @throws IllegalArgumentException if it is another request, because the caller could then get
    ///   a reply of another type
    <R extends @Nullable Object> ReplyTo<R> replyTo(Call<R> request);
}
