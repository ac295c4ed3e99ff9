/// The key-value service: [kv.Bucket] keeps keys and values, [kv.Registry] knows the buckets by
/// name, [kv.Main] is the program around them.
@NullMarked
package kv;

import org.jspecify.annotations.NullMarked;
