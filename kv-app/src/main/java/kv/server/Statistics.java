package kv.server;

import java.util.concurrent.atomic.LongAdder;

/// Counts what the server does. Any thread may count.
final class Statistics {

    final LongAdder accepted = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder requests = new LongAdder();
    final LongAdder unknown = new LongAdder();
}
