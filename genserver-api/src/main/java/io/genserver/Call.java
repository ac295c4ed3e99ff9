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
/// sealed interface Request<R> extends Call<R> {}
/// record Pop() implements Request<Optional<String>> {}
/// record Size() implements Request<Integer> {}
/// ```
///
/// @param <R> the type of the reply
@SuppressWarnings("unused") // R is read by the compiler at each call, not by this type
public interface Call<R extends @Nullable Object> {}
