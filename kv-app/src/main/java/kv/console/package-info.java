/// The console and the script: the chapter's registry and buckets, driven by hand.
@NullMarked
package kv.console;

import org.jspecify.annotations.NullMarked;
