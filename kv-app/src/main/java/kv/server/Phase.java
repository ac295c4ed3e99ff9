package kv.server;

/// What the thread of a connection does.
enum Phase {
    /// It waits for a whole TLS handshake.
    HANDSHAKE,
    /// It waits for the first byte of a request from a client that has to show a token.
    GREETING,
    /// It waits for the first byte of a request.
    IDLE,
    /// It waits for the rest of a request.
    READING,
    /// It answers requests.
    WORKING,
    /// It waits for supervisors, which do not answer while they stop.
    ASKING,
    /// It waits until the client accepts replies.
    WRITING,
    /// It waits for changes of a bucket.
    SUBSCRIBED,
    /// It has sent its last reply, and waits until the client closes the connection.
    CLOSING
}
