package io.genserver;

import org.jspecify.annotations.Nullable;

/// A request that names the type of its reply, so that [GenServer#call] needs no cast and a reply
/// of another type does not compile.
///
/// ```java
/// record Lookup(String name) implements Call<Optional<Pid>> {}
///
/// Optional<Pid> bucket = GenServer.call(registry, new Lookup("shopping"));
/// ```
///
/// Make the requests of a server a sealed interface, and its `switch` is checked for completeness:
///
/// ```java
/// final class Stack implements GenServer<List<String>, Deque<String>, Stack.Request, Stack.Push> {
///     sealed interface Request {}
///     record Pop() implements Request, Call<Optional<String>> {}
///     record Size() implements Request, Call<Integer> {}
///     record Push(String element) {}
///
///     @Override public CallResult<Deque<String>> handleCall(
///             Request request, From from, Deque<String> stack) {
///         return switch (request) {
///             case Pop pop -> reply(pop, Optional.ofNullable(stack.poll()), stack);
///             case Size size -> reply(size, stack.size(), stack);
///         };
///     }
///     …
/// }
/// ```
///
/// @param <R> the type of the reply
@SuppressWarnings("unused") // R is read by the compiler at each call, not by this type
public interface Call<R extends @Nullable Object> {}
