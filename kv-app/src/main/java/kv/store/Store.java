package kv.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Keeps the entries of all buckets, so that they survive the end of the program.
///
/// A bucket holds its entries in memory and answers every read from there. It submits each change
/// together with its caller. When the change is on disk, the store tells the bucket, and only then
/// the bucket applies the change to its memory and answers the caller. So a client never reads a
/// value that a power failure can take away.
///
/// A bucket that starts gets its entries from [#takeOver].
///
/// Bucket names, keys and values are not empty, have one char for each byte (ISO-8859-1), and names
/// and keys contain no space.
///
/// A store can be used by all threads.
public interface Store extends AutoCloseable {

    /// Opens the durable store in a directory. Creates the directory if it does not exist.
    ///
    /// The checks of the files take about 1 s for each GB.
    ///
    /// @param directory the directory, which belongs to the store alone
    /// @throws StoreException if the directory cannot be used, is in use or is damaged. The message
    ///   is one line and says what to do.
    static Store open(Path directory) throws StoreException {
        return DurableStore.open(new Directory(directory));
    }

    /// Returns whether a bucket has been created.
    ///
    /// @throws StoreException if the store cannot be read or is closed
    boolean contains(String bucket) throws StoreException;

    /// Returns all entries of a bucket in a new map, which belongs to the caller.
    ///
    /// @throws StoreException if the store cannot be read, is damaged or is closed
    Map<String, String> load(String bucket) throws StoreException;

    /// Calls a visitor with the entries of all buckets. Buckets come in the order of their names.
    ///
    /// @throws StoreException if the store cannot be read, is damaged or is closed
    void visit(Visitor visitor) throws StoreException;

    /// Makes an owner the only one that changes a bucket, and returns the bucket's entries.
    ///
    /// A process that was killed may have submitted changes that wait, and its thread may submit
    /// one more. Those that are committed before this method returns are in its result. All others
    /// fail. So what the new owner has in memory is what the store has.
    ///
    /// @param owner a new owner, which is equal to no earlier one
    /// @throws StoreException if the store cannot be read, is damaged or is closed, or the thread
    ///   is interrupted
    Map<String, String> takeOver(String bucket, Owner<?> owner) throws StoreException;

    /// Submits a change and returns before it is committed. The changes of one thread are committed
    /// in the order in which it submits them. The owner is told exactly once about each change.
    ///
    /// If too many bytes wait for a commit, this method waits until the next commit begins. An
    /// interrupt ends that wait. The change is then submitted nevertheless, and the thread stays
    /// interrupted.
    ///
    /// @param owner is told what became of the change. Owners that are equal are one owner.
    <C> void submit(Change<C> change, Owner<C> owner);

    /// Returns what the store has done so far.
    Statistics statistics();

    /// Commits what has been submitted, then closes the store. Waits for that, even if the thread
    /// is interrupted. Changes that are submitted later fail.
    @Override
    void close();

    /// Gets the entries of all buckets.
    @FunctionalInterface
    interface Visitor {

        /// Gets an entry. Is called for each bucket once more with an empty key and an empty value,
        /// before its entries, so that a bucket without entries is seen too.
        void entry(String bucket, String key, String value);
    }

    /// Is told what became of its changes.
    ///
    /// The store calls an owner on the thread that commits, once for each batch, with the changes
    /// in the order in which they were submitted. All other owners wait for that call, so an owner
    /// must not block. A bucket sends itself a message.
    ///
    /// @param <C> what a bucket needs to answer the caller of a change
    interface Owner<C> {

        /// The changes are on disk.
        void committed(List<Change<C>> changes);

        /// The changes are not in the store. They can only appear if the program ends before it
        /// could open the store again.
        void failed(List<Change<C>> changes, StoreException why);
    }

    /// What a store has done since it was opened.
    ///
    /// @param writes the number of changes committed
    /// @param syncs the number of batches they were committed in. Each batch is synced to disk
    ///   once.
    /// @param bytes the size of the store's files
    /// @param failure why the store takes no changes, or empty if it takes them
    record Statistics(long writes, long syncs, long bytes, Optional<StoreException> failure) {}
}
