@NullMarked
package kv.load;

import org.jspecify.annotations.NullMarked;
