package io.genserver.cluster;

/// Writes and reads the values of one type without CBOR, because CBOR costs more than the value.
interface Direct {

    /// Writes a value.
    void write(FrameWriter out, Ends ends, Object value);

    /// Reads a value.
    Object read(FrameReader in, Ends ends) throws FrameException;
}
