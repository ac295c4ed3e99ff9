package io.genserver.cluster;

/// What the sessions of two members tell each other. Each packet carries the epochs of both ends:
/// that of its sender, and that of the receiver as far as the sender knows it, else 0.
///
/// The first two bytes are the format and the kind. They, and the whole of [Hello], are the same in
/// all versions of the protocol.
sealed interface Packet {

    /// Returns the epoch of the sender.
    long from();

    /// Returns the epoch of the receiver that the packet is for; 0 if the sender knows none.
    long to();

    /// Opens a session.
    ///
    /// @param oldest the oldest version of the protocol that the sender speaks
    /// @param newest the newest one
    /// @param nonce random bytes that the proof of the other side has to contain
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Hello(
            long from, long to, int oldest, int newest, String name, long incarnation, byte[] nonce)
            implements Packet {}

    /// Proves that the sender has the cookie, and says what it takes.
    ///
    /// @param code the code over both hellos and the features
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Proof(long from, long to, byte[] code, Features features) implements Packet {}

    /// What a node takes from its peer.
    ///
    /// @param maxSignal the longest signal; units: bytes
    /// @param tickMillis how long the peer may be silent; units: ms
    /// @param types the fingerprints of the types
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Features(int maxSignal, int tickMillis, long[] types) {}

    /// Says that the proof of the other side was right.
    record Ready(long from, long to) implements Packet {}

    /// Says that the sender has no session of these epochs.
    record Reset(long from, long to) implements Packet {}

    /// Says that there will be no session for now.
    ///
    /// @param why for the log
    record Refuse(long from, long to, String why) implements Packet {}

    /// Says nothing but that the sender lives.
    record Tick(long from, long to) implements Packet {}

    /// Carries signals, each with its length in front.
    ///
    /// @param signals reads the first of them next
    record Data(long from, long to, FrameReader signals) implements Packet {}
}
