package io.genserver.cluster;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What codecs read a payload with. One thread.
final class PayloadReader {

    final JsonParser cbor;
    final Ends ends;
    private final PayloadTypes types;
    private int depth;

    PayloadReader(JsonParser cbor, Ends ends, PayloadTypes types) {
        this.cbor = cbor;
        this.ends = ends;
        this.types = types;
    }

    /// Reads a value, or what stands for null.
    @Nullable Object read(Codec codec) throws IOException {
        return cbor.hasToken(JsonToken.VALUE_NULL) ? codec.absent() : codec.read(this);
    }

    /// Reads a value that has the number of its type in front of it.
    Object readOpen() throws IOException {
        expect(JsonToken.START_ARRAY);
        cbor.nextToken();
        expect(JsonToken.VALUE_NUMBER_INT);
        PayloadType type = types.withId(cbor.getLongValue());
        cbor.nextToken();
        Object value = type.codec().read(this);
        cbor.nextToken();
        expect(JsonToken.END_ARRAY);
        return value;
    }

    void expect(JsonToken token) throws FrameException {
        if (!cbor.hasToken(token)) {
            throw new FrameException("expected " + token + ", got: " + cbor.currentToken());
        }
    }

    void enter() throws FrameException {
        if (++depth > Payloads.MAX_DEPTH) {
            throw new FrameException(Payloads.tooDeep());
        }
    }

    void leave() {
        depth--;
    }
}
