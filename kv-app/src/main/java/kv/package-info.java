/// The key-value store. [kv.Bucket] stores keys and values, [kv.Registry] finds buckets by name,
/// and [kv.Main] is the program around them.
@NullMarked
package kv;

import org.jspecify.annotations.NullMarked;
