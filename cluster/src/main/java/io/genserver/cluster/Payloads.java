package io.genserver.cluster;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Writes and reads what users send: the number of its type, and then the value.
final class Payloads {

    /// How many records and collections may lie inside each other.
    static final int MAX_DEPTH = 64;

    private static final int NULL = 0;

    /// The deepest nesting of the CBOR. A value that carries the number of its type is one array
    /// deeper.
    private static final int MAX_NESTING = 2 * MAX_DEPTH + 2;

    /// Most threads are virtual and short, so buffers that belong to threads would rarely be used
    /// twice.
    private static final int POOLED_BUFFERS = 64;

    private final CBORFactory factory;
    private final PayloadTypes types;

    /// @param limit the longest frame; units: bytes
    Payloads(PayloadTypes types, int limit) {
        this.types = types;
        factory =
                CBORFactory.builder()
                        .recyclerPool(JsonRecyclerPools.newBoundedPool(POOLED_BUFFERS))
                        .streamReadConstraints(
                                StreamReadConstraints.builder()
                                        .maxNestingDepth(MAX_NESTING)
                                        .maxStringLength(limit)
                                        .maxNameLength(limit)
                                        .maxDocumentLength(limit)
                                        .build())
                        .streamWriteConstraints(
                                StreamWriteConstraints.builder()
                                        .maxNestingDepth(MAX_NESTING)
                                        .build())
                        .build();
    }

    static String tooDeep() {
        return "expected "
                + MAX_DEPTH
                + " records and collections inside each other at most, got more";
    }

    void write(FrameWriter out, Ends ends, @Nullable Object value) {
        if (value == null) {
            out.writeUnsigned(NULL);
            return;
        }
        PayloadType type = types.of(value, ends);
        out.writeUnsigned(type.id());
        if (type.direct() != null) {
            type.direct().write(out, ends, value);
        } else {
            writeCbor(out, ends, type, value);
        }
    }

    private void writeCbor(FrameWriter out, Ends ends, PayloadType type, Object value) {
        int length = out.reserveLength();
        try (JsonGenerator cbor = factory.createGenerator(out)) {
            type.codec().write(new PayloadWriter(cbor, ends, types), value);
        } catch (RuntimeException | IOException | StackOverflowError e) {
            // A record's own accessor, or a collection that another thread changes.
            throw new IllegalArgumentException(
                    "cannot send a " + type.name() + ": " + e.getMessage(), e);
        }
        out.patchLength(length);
    }

    @Nullable Object read(FrameReader in, Ends ends) throws FrameException {
        long id = in.readUnsigned();
        if (id == NULL) {
            return null;
        }
        PayloadType type = types.withId(id);
        try {
            return type.direct() != null
                    ? type.direct().read(in, ends)
                    : readCbor(in.readPatchedPart(), ends, type);
        } catch (RuntimeException | IOException e) {
            // A record's own constructor may throw anything.
            throw new FrameException(
                    "cannot read a " + type.name() + " (type " + id + "): " + e.getMessage(), e);
        }
    }

    private Object readCbor(FrameReader in, Ends ends, PayloadType type) throws IOException {
        try (JsonParser cbor = factory.createParser(in.array(), in.offset(), in.left())) {
            cbor.nextToken();
            Object value = type.codec().read(new PayloadReader(cbor, ends, types));
            if (cbor.nextToken() != null) {
                throw new FrameException("expected one value, got more");
            }
            return value;
        }
    }

    /// Reads a value that may not be null.
    Object readPresent(FrameReader in, Ends ends) throws FrameException {
        Object value = read(in, ends);
        if (value == null) {
            throw new FrameException("expected a value, got null");
        }
        return value;
    }
}
