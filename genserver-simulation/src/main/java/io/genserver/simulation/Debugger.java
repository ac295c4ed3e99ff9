package io.genserver.simulation;

import java.lang.management.ManagementFactory;

/// Tells whether somebody may stop threads with a debugger. A thread that stands at a breakpoint
/// looks like one that waits for something else.
final class Debugger {

    /// Whether the JVM was started for a debugger.
    static final boolean POSSIBLE =
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                    .anyMatch(option ->
                            option.startsWith("-agentlib:jdwp") || option.startsWith("-Xrunjdwp"));

    private Debugger() {}
}
