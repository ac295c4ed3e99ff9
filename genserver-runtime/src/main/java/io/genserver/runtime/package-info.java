/// One node's processes.
///
/// Read in this order: [io.genserver.runtime.Ownership] (which thread runs a process),
/// [io.genserver.runtime.Signals] (life, death, links), [io.genserver.runtime.LocalProcess],
/// [io.genserver.runtime.Turns] (what a generic server does with a message),
/// [io.genserver.runtime.ServerProcess] and [io.genserver.runtime.CallerRuns] (on which threads),
/// [io.genserver.runtime.ReplySlot] (a call), [io.genserver.runtime.TimerWheel]. The words used for
/// memory accesses are those of [io.genserver.runtime.Ownership].
@NullMarked
package io.genserver.runtime;

import org.jspecify.annotations.NullMarked;
