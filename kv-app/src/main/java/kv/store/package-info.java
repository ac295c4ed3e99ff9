/// Keeps the entries of the buckets. [kv.store.Store] is what the buckets use.
///
/// A store that is durable has four parts, in the order in which a change passes them:
/// [kv.store.Submissions] holds the changes that wait, [kv.store.DurableStore] commits all of them
/// with one sync, [kv.store.ReopeningTable] opens the table again after a failure, and
/// [kv.store.RocksTable] is the table on disk. [kv.store.LogCheck] looks for damage in the table's
/// log before the table is opened.
@NullMarked
package kv.store;

import org.jspecify.annotations.NullMarked;
