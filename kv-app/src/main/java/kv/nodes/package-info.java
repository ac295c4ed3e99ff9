/// Buckets that live on several nodes: the server of a bucket, who finds it, and the options of a
/// node.
@NullMarked
package kv.nodes;

import org.jspecify.annotations.NullMarked;
