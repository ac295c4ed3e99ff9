package kv.nodes;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The memory that one bucket may take on its node. Used by the bucket's process, and closed after
/// its end.
public interface Room extends AutoCloseable {

    /// Takes what an empty bucket needs.
    ///
    /// @return false if there is not enough; then nothing is taken
    boolean open();

    /// Takes what a bucket needs that has come from another node, also beyond the limit, because
    /// its entries must not be lost.
    ///
    /// @param entries the entries of the bucket
    void start(Map<String, String> entries);

    /// Takes what an entry needs, and returns what the entry before needed.
    ///
    /// @param key the key
    /// @param before the value before; null if there was none
    /// @param value the new value
    /// @return false if there is not enough; then nothing changes
    boolean put(String key, @Nullable String before, String value);

    /// Returns what an entry needed.
    ///
    /// @param key the key
    /// @param value its value
    void remove(String key, String value);

    @Override
    void close();

    /// Returns room without a limit.
    ///
    /// @return the room
    static Room unlimited() {
        return new Room() {
            @Override
            public boolean open() {
                return true;
            }

            @Override
            public void start(Map<String, String> entries) {}

            @Override
            public boolean put(String key, @Nullable String before, String value) {
                return true;
            }

            @Override
            public void remove(String key, String value) {}

            @Override
            public void close() {}
        };
    }
}
