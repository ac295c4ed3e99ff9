package io.genserver.conformance;

import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Where the processes of a scenario live: on one node, or spread over several. Each method is
/// called by the process for which it acts.
interface Stage {

    /// One node.
    Stage ONE_NODE = new Stage() {};

    /// Returns a pid as the current node knows it.
    ///
    /// @param pid the pid as the node of its process knows it
    default Pid seen(Pid pid) {
        return pid;
    }

    /// Starts a probe.
    ///
    /// @param link whether to link it to the current process
    /// @param name the name it gets; empty for none
    default Start<?> start(
            boolean link, Probe.Argument argument, Optional<String> name, StartOption... mode) {
        return link
                ? GenServer.startLink(Probe::new, argument, mode)
                : GenServer.start(Probe::new, argument, mode);
    }

    /// Returns the server that has a name.
    default ServerRef named(String name) {
        return ServerRef.name(name);
    }

    /// Waits until what the processes have sent to other nodes has arrived.
    default void settle() {}

    /// Tells whether a step did what it has to do here.
    default boolean accepts(
            Scenario scenario, Scenario.Step step, ObjectNode seen, Journal journal) {
        return seen.equals(step.expected());
    }
}
