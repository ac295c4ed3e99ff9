/// Processes, generic servers, agents, names, links, monitors and timers.
///
/// Start with [io.genserver.GenServer]. The functions of Elixir's `Process` module are in
/// [io.genserver.Processes].
@NullMarked
package io.genserver;

import org.jspecify.annotations.NullMarked;
