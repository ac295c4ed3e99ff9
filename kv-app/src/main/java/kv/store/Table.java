package kv.store;

import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Keys in order, each with a value, on disk. Keys and values have one char for each byte.
interface Table extends AutoCloseable {

    /// A key and the value it is to have.
    ///
    /// @param value the value, or null if the key is to be deleted
    record Cell(String key, @Nullable String value) {}

    /// Writes all cells or none, and returns when they are on disk. After a failure the table can
    /// be read but not be written.
    void write(List<Cell> cells) throws StoreException;

    /// Returns the value of a key, or null if the table does not have the key.
    @Nullable String get(String key) throws StoreException;

    /// Calls a function with each key that has a prefix, without the prefix, and its value.
    void scan(String prefix, BiConsumer<String, String> entry) throws StoreException;

    @Override
    void close();
}
