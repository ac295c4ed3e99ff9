/// Supervisors, tasks, process registries and applications. A supervisor starts other processes,
/// restarts those that crash, and stops them in order.
///
/// Start with [io.genserver.supervisor.Supervisor].
///
/// No parameter accepts null unless it is marked nullable. Methods throw [NullPointerException] on
/// the calling thread for such a null, before they do anything else. Only the argument of a
/// [io.genserver.supervisor.SupervisorModule] is not checked.
@NullMarked
package io.genserver.supervisor;

import org.jspecify.annotations.NullMarked;
