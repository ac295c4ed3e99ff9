/// Random operations on the public API while stacks overflow, the heap is full and threads are
/// interrupted, with an audit at the end.
@NullMarked
package io.genserver.stress;

import org.jspecify.annotations.NullMarked;
