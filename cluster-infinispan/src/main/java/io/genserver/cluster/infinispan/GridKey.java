package io.genserver.cluster.infinispan;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.infinispan.commons.marshall.WrappedByteArray;
import org.infinispan.distribution.group.Grouper;

/// The keys of the grid: the length of a map's name, the name, and the key of an entry. The claim
/// of the map's writer has only the name.
final class GridKey {

    private GridKey() {}

    static byte[] ofClaim(String map) {
        byte[] name = map.getBytes(UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + name.length)
                .putInt(name.length)
                .put(name)
                .array();
    }

    static byte[] ofEntry(String map, String key) {
        byte[] name = map.getBytes(UTF_8);
        byte[] bytes = key.getBytes(UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + name.length + 1 + bytes.length)
                .putInt(name.length)
                .put(name)
                .put((byte) 0)
                .put(bytes)
                .array();
    }

    /// Returns the key of the entry that says which node may leave. It belongs to no map, because
    /// its separator is another one.
    static byte[] ofTurn() {
        return ByteBuffer.allocate(Integer.BYTES + 1).putInt(0).put((byte) 1).array();
    }

    static boolean isClaim(byte[] key) {
        return key.length == Integer.BYTES + nameLength(key);
    }

    /// Returns the key of an entry.
    static String entry(byte[] key) {
        int start = Integer.BYTES + nameLength(key) + 1;
        return new String(key, start, key.length - start, UTF_8);
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
