/// Processes, generic servers, agents, names, links, monitors and timers.
///
/// Start reading at [io.genserver.GenServer]; what Elixir keeps in `Process` is in
/// [io.genserver.Processes].
@NullMarked
package io.genserver;

import org.jspecify.annotations.NullMarked;
