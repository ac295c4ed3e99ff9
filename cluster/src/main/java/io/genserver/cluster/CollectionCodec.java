package io.genserver.cluster;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Lists, sets, maps and optional values. What arrives cannot be changed.
final class CollectionCodec {

    static final Codec LIST = list(OpenCodec.ANY);
    static final Codec SET = set(OpenCodec.ANY);
    static final Codec MAP = map(OpenCodec.ANY, OpenCodec.ANY);
    static final Codec OPTIONAL = optional(OpenCodec.ANY);

    private CollectionCodec() {}

    static Codec list(Codec element) {
        return ValueCodecs.codec(
                (out, value) -> writeAll(out, element, (List<?>) value),
                in -> {
                    List<@Nullable Object> list = new ArrayList<>();
                    readAll(in, element, list);
                    return Collections.unmodifiableList(list);
                });
    }

    static Codec set(Codec element) {
        return ValueCodecs.codec(
                (out, value) -> writeAll(out, element, (Set<?>) value),
                in -> {
                    Set<@Nullable Object> set = new LinkedHashSet<>();
                    readAll(in, element, set);
                    return Collections.unmodifiableSet(set);
                });
    }

    /// Makes the codec of maps: an array in which each key is followed by its value.
    static Codec map(Codec key, Codec value) {
        return ValueCodecs.codec(
                (out, map) -> {
                    out.enter();
                    out.cbor.writeStartArray();
                    for (Map.Entry<?, ?> entry : ((Map<?, ?>) map).entrySet()) {
                        out.write(key, entry.getKey());
                        out.write(value, entry.getValue());
                    }
                    out.cbor.writeEndArray();
                    out.leave();
                },
                in -> {
                    in.expect(JsonToken.START_ARRAY);
                    in.enter();
                    Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
                    while (in.cbor.nextToken() != JsonToken.END_ARRAY) {
                        @Nullable Object next = in.read(key);
                        in.cbor.nextToken();
                        map.put(next, in.read(value));
                    }
                    in.leave();
                    return Collections.unmodifiableMap(map);
                });
    }

    static Codec optional(Codec content) {
        return new Codec() {
            @Override
            public void write(PayloadWriter out, Object value) throws IOException {
                Optional<?> optional = (Optional<?>) value;
                writeAll(out, content, optional.map(List::<Object>of).orElseGet(List::of));
            }

            @Override
            public Object read(PayloadReader in) throws IOException {
                List<@Nullable Object> list = new ArrayList<>(1);
                readAll(in, content, list);
                if (list.size() > 1) {
                    throw new FrameException("expected one value at most, got: " + list.size());
                }
                return list.isEmpty() ? Optional.empty() : Optional.ofNullable(list.getFirst());
            }

            @Override
            public Object absent() {
                return Optional.empty();
            }
        };
    }

    private static void writeAll(PayloadWriter out, Codec element, Collection<?> values)
            throws IOException {
        out.enter();
        // Another thread may change the collection, so its size is not written in front.
        out.cbor.writeStartArray();
        for (Object value : values) {
            out.write(element, value);
        }
        out.cbor.writeEndArray();
        out.leave();
    }

    private static void readAll(
            PayloadReader in, Codec element, Collection<@Nullable Object> target)
            throws IOException {
        in.expect(JsonToken.START_ARRAY);
        in.enter();
        while (in.cbor.nextToken() != JsonToken.END_ARRAY) {
            target.add(in.read(element));
        }
        in.leave();
    }
}
