package io.genserver;

import org.jspecify.annotations.Nullable;

/// A request that names the type of its reply. [GenServer#call] then needs no cast, and a reply of
/// another type does not compile.
///
/// ```java
/// record Lookup(String name) implements Call<Optional<Pid>> {}
///
/// Optional<Pid> bucket = GenServer.call(registry, new Lookup("shopping"));
/// ```
///
/// If a server takes several requests, make them a sealed interface. The compiler then checks that
/// the `switch` in `handleCall` is complete:
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
@SuppressWarnings("unused") // the compiler uses R at each call; this type does not
public interface Call<R extends @Nullable Object> {}
