/// The load tool. [kv.load.LoadCommand] is its command line, [kv.load.Load] sends the requests, and
/// [kv.load.Ledger] knows which answers are right.
@NullMarked
package kv.load;

import org.jspecify.annotations.NullMarked;
