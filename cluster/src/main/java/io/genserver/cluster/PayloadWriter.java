package io.genserver.cluster;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What codecs write a payload with. One thread.
final class PayloadWriter {

    final JsonGenerator cbor;
    final Ends ends;
    private final PayloadTypes types;
    private int depth;

    PayloadWriter(JsonGenerator cbor, Ends ends, PayloadTypes types) {
        this.cbor = cbor;
        this.ends = ends;
        this.types = types;
    }

    void write(Codec codec, @Nullable Object value) throws IOException {
        if (value == null) {
            cbor.writeNull();
        } else {
            codec.write(this, value);
        }
    }

    /// Writes a value whose class the receiver does not know, after the number of its type.
    void writeOpen(Object value) throws IOException {
        PayloadType type = types.of(value, ends);
        cbor.writeStartArray(null, 2);
        cbor.writeNumber(type.id());
        type.codec().write(this, value);
        cbor.writeEndArray();
    }

    void enter() {
        if (++depth > Payloads.MAX_DEPTH) {
            throw new IllegalArgumentException(Payloads.tooDeep());
        }
    }

    void leave() {
        depth--;
    }
}
