/// The service: a server for many clients at the same time.
///
/// Read the classes in this order. [kv.server.Service] is the application and its supervision tree.
/// [kv.server.Request] parses a line, [kv.server.Connection] answers the requests of one client,
/// and `Buckets` and `Bucket` keep what the clients store.
@NullMarked
package kv.server;

import org.jspecify.annotations.NullMarked;
