package io.genserver.cluster;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Writes and reads the values of one type as CBOR. Null is handled by the caller.
interface Codec {

    /// Writes a value.
    void write(PayloadWriter out, Object value) throws IOException;

    /// Reads a value from the current token on. The last token of the value is current afterwards.
    Object read(PayloadReader in) throws IOException;

    /// Returns what a component of the type is when the peer sent null or nothing for it.
    default @Nullable Object absent() {
        return null;
    }
}
