package kv.server;

import java.time.Duration;

/// What the server grants its clients, so that none of them can use up its memory or its
/// connections.
///
/// @param connections how many clients may be connected
/// @param idleTimeout how long a client may send nothing; zero for no limit
/// @param lineTimeout how long a client may take to send one line, to accept replies, or for the
///   TLS handshake
/// @param line the most bytes of a line
/// @param key the most bytes of a key or of a bucket's name
/// @param value the most bytes of a value
/// @param memory the most bytes of all buckets together
/// @param unread the most bytes of changes that wait for one subscriber
public record Limits(
        int connections,
        Duration idleTimeout,
        Duration lineTimeout,
        int line,
        int key,
        int value,
        long memory,
        int unread) {}
