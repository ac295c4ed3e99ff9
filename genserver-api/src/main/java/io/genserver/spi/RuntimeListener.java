package io.genserver.spi;

import io.genserver.CrashReport;
import io.genserver.DeadLetter;
import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import org.jspecify.annotations.Nullable;

/// Learns of the rare events of all nodes of this JVM: starts, ends, crash reports and dead
/// letters. Messages and turns are no events.
///
/// [java.util.ServiceLoader] finds the listeners when the runtime is loaded. If there is none, the
/// runtime creates no event. Crashes and dead letters on a [Machine] that asks for quiet are not
/// told, as they are not logged.
///
/// Each method runs on the thread that caused the event, in the middle of what that thread does. So
/// it must be quick, must not block, and must not send, call or start anything. What it throws is
/// logged and has no other effect.
public interface RuntimeListener {

    /// A process was added to its node and is about to run. Runs on the thread that starts the
    /// process, so the stack of this thread shows who started it.
    ///
    /// @param node the node
    /// @param pid the new process
    /// @param starter the process that starts it; null if a thread that is no process does
    default void processStarted(Node node, Pid pid, @Nullable Pid starter) {}

    /// A process has ended. Its name is free, and links, monitors and callers have been told.
    ///
    /// @param node the node
    /// @param pid the process
    /// @param reason its exit reason
    default void processEnded(Node node, Pid pid, ExitReason reason) {}

    /// A process reports a crash. It is still alive.
    ///
    /// @param node the node of the process
    /// @param report the report
    default void crashed(Node node, CrashReport report) {}

    /// A message has reached no process.
    ///
    /// @param node the node that sent it, or the node of the process that did not take it
    /// @param letter the message
    default void deadLetter(Node node, DeadLetter letter) {}
}
