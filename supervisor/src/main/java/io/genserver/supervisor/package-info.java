/// Supervisors: processes that start other processes, restart those that crash and stop them in
/// order. Start reading at [io.genserver.supervisor.Supervisor].
@NullMarked
package io.genserver.supervisor;

import org.jspecify.annotations.NullMarked;
