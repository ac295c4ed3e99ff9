/// The console and the script against a server that runs elsewhere.
@NullMarked
package kv.client;

import org.jspecify.annotations.NullMarked;
