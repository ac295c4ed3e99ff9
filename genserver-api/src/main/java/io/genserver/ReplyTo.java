package io.genserver;

import org.jspecify.annotations.Nullable;

/// The caller that waits for the reply to one call, with the type of that reply.
///
/// A server that answers later keeps it. Any thread then answers with [GenServer#reply]. A reply of
/// another type does not compile.
///
/// ```java
/// case Await request -> {
///     state.waiting().add(from.replyTo(request));   // a ReplyTo<Integer>
///     yield noreply(state);
/// }
/// …
/// GenServer.reply(state.waiting().remove(), 42);
/// ```
///
/// @param <R> the type of the reply
@SuppressWarnings("unused") // the compiler uses R at each reply; this type does not
public interface ReplyTo<R extends @Nullable Object> extends Caller {}
