/// The Savina suite of actor benchmarks, with its default parameters.
///
/// Each benchmark has a class for what both versions share, such as `Big`. `BigServers` is the
/// version of this library and `BigActors` is Pekko's. Short versions are in the shared class
/// itself.
@NullMarked
package io.genserver.benchmarks.savina;

import org.jspecify.annotations.NullMarked;
