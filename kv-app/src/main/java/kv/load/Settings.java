package kv.load;

import java.time.Duration;
import java.util.OptionalInt;
import kv.client.Endpoint;

/// What a run does.
///
/// @param endpoint where the server listens, and how each connection begins
/// @param dialect the language of the server, and the values
/// @param connections the number of connections
/// @param depth how many requests of a connection wait for answers at most
/// @param mix how often each operation occurs
/// @param keys the number of keys
/// @param distribution how often each key is chosen
/// @param warmUp how long requests are sent before the measurement
/// @param duration how long the measurement takes
/// @param rate the requests in a second on all connections; without it each connection sends the
///   next request when it has an answer
/// @param patience how long to wait for the last answers
record Settings(
        Endpoint endpoint,
        Dialect dialect,
        int connections,
        int depth,
        Mix mix,
        int keys,
        Distribution distribution,
        Duration warmUp,
        Duration duration,
        OptionalInt rate,
        Duration patience) {}
