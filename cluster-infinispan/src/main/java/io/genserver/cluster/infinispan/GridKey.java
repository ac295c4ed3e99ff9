package io.genserver.cluster.infinispan;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.infinispan.commons.marshall.WrappedByteArray;
import org.infinispan.distribution.group.Grouper;

/// The keys of the cache: the length of a map's name, the name, a byte, and the key of a value or
/// the number of a page of keys. The byte is the place of the value, or says that this is a page.
/// The claim of the map's writer has only the name.
final class GridKey {

    /// Each value has one of two places.
    static final byte FIRST = 0;

    private static final byte SECOND = 1;
    private static final byte PAGE = 2;
    private static final byte TURN = 3;

    private GridKey() {}

    static byte[] ofClaim(String map) {
        byte[] name = map.getBytes(UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + name.length)
                .putInt(name.length)
                .put(name)
                .array();
    }

    /// Returns the other place.
    static byte other(byte place) {
        return place == FIRST ? SECOND : FIRST;
    }

    static byte[] ofValue(String map, byte place, String key) {
        return of(map, place, key.getBytes(UTF_8));
    }

    static byte[] ofPage(String map, int number) {
        return of(map, PAGE, ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    }

    /// Returns the key of the entry that says which node may leave. It belongs to no map.
    static byte[] ofTurn() {
        return of("", TURN, new byte[0]);
    }

    private static byte[] of(String map, byte kind, byte[] rest) {
        byte[] claim = ofClaim(map);
        return ByteBuffer.allocate(claim.length + 1 + rest.length)
                .put(claim)
                .put(kind)
                .put(rest)
                .array();
    }

    /// Returns the key of a value, as the map has it.
    static String key(byte[] path) {
        int start = Integer.BYTES + nameLength(path) + 1;
        return new String(path, start, path.length - start, UTF_8);
    }

    private static int nameLength(byte[] key) {
        return ByteBuffer.wrap(key).getInt();
    }

    /// Keeps all entries of a map on the same nodes.
    static final class ByMap implements Grouper<WrappedByteArray> {

        @Override
        public Object computeGroup(WrappedByteArray key, Object group) {
            byte[] bytes = key.getBytes();
            return new String(
                    Arrays.copyOfRange(bytes, Integer.BYTES, Integer.BYTES + nameLength(bytes)),
                    UTF_8);
        }

        @Override
        public Class<WrappedByteArray> getKeyType() {
            return WrappedByteArray.class;
        }
    }
}
