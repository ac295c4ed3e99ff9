/// The Savina suite of actor benchmarks, with its default parameters.
///
/// Each benchmark is a class, `Big`, with what both its versions share; `BigServers` is the version
/// of this library, `BigActors` the one of Pekko, unless they are short enough to share a file too.
@NullMarked
package io.genserver.benchmarks.savina;

import org.jspecify.annotations.NullMarked;
