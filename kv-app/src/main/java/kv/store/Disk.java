package kv.store;

/// The place of a table.
interface Disk extends AutoCloseable {

    /// Opens the table. An earlier one must have been closed.
    ///
    /// @throws StoreException if the table cannot be read or is damaged
    Table open() throws StoreException;

    /// Checks that there is room for a batch of changes.
    ///
    /// @throws StoreException if there is not
    void checkRoom() throws StoreException;

    /// Returns how many bytes the table takes.
    long bytes();

    /// Gives the place back, for another program to use.
    @Override
    void close();
}
