/// The observer of a kv, and `kv top`, which shows it in a terminal.
@NullMarked
package kv.top;

import org.jspecify.annotations.NullMarked;
