package io.genserver.spi;

import io.genserver.CrashReport;
import io.genserver.DeadLetter;
import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Learns of the rare events of all nodes of this JVM: starts and ends of processes, crashes,
/// restarts, lost messages, calls that time out, servers that do not keep up, and nodes that are
/// closed. Messages and turns are no events; a [TurnListener] sees those.
///
/// [#add] adds a listener. [java.util.ServiceLoader] finds further ones when the runtime is loaded.
/// While there is none, the runtime creates only the events that it logs: its own log is a listener
/// too, and the last one. What happens on a [Machine] that asks for quiet is not told, except for
/// starts and ends.
///
/// Each method runs on the thread that caused the event, in the middle of what that thread does. So
/// it must be quick, must not block, and must not send, call or start anything. What it throws is
/// logged and has no other effect.
public interface RuntimeListener {

    /// A listener that was added. Closing it removes the listener.
    interface Subscription extends AutoCloseable {
        /// Removes the listener. Closing twice does nothing.
        @Override
        void close();
    }

    /// Adds a listener, which is told of everything from now on.
    ///
    /// @param listener the listener
    /// @return the subscription
    static Subscription add(RuntimeListener listener) {
        return ProcessRuntime.get().listen(listener);
    }

    /// A process was added to its node and is about to run. Runs on the thread that starts the
    /// process, so the stack of this thread shows who started it.
    ///
    /// @param node the node
    /// @param pid the new process
    /// @param starter the process that starts it; if a thread that is no process does, the
    ///   supervisor under which it is started, as for the server of a key, or null
    default void processStarted(Node node, Pid pid, @Nullable Pid starter) {}

    /// The `init` of a server has ended well.
    ///
    /// @param node the node
    /// @param pid the server
    /// @param server the class of the server
    default void serverInitialized(Node node, Pid pid, String server) {}

    /// A process has ended. Its name is free, and links, monitors and callers have been told.
    ///
    /// @param node the node
    /// @param pid the process
    /// @param initialCall what it ran, as in [io.genserver.ProcessInfo#initialCall]
    /// @param reason its exit reason
    default void processEnded(Node node, Pid pid, String initialCall, ExitReason reason) {}

    /// A process reports a crash. It is still alive.
    ///
    /// @param node the node of the process
    /// @param report the report
    default void crashed(Node node, CrashReport report) {}

    /// A message has reached no process. Runs on a thread for reports if a timer has sent the
    /// message.
    ///
    /// @param node the node that sent it, or the node of the process that did not take it
    /// @param letter the message
    default void deadLetter(Node node, DeadLetter letter) {}

    /// A server has been in one turn for a second or more, and holds up others. Each server is told
    /// once. Runs on a thread for reports.
    ///
    /// @param node the node
    /// @param pid the server
    /// @param server the class of the server
    /// @param nonBlocking whether it holds up its callers, because it has promised not to block
    ///   ([io.genserver.StartOption#nonBlocking]); otherwise it computes on a thread that others
    ///   need
    /// @param stack what it is executing, one frame a line
    default void longTurn(Node node, Pid pid, String server, boolean nonBlocking, String stack) {}

    /// The mailbox of a server has become longer than the mark that was set by
    /// [io.genserver.StartOption#mailboxWarning]. It is told again once the mailbox has fallen
    /// below half of the mark. Runs on a thread for reports if a timer has sent the message.
    ///
    /// @param node the node
    /// @param pid the server
    /// @param server the class of the server
    /// @param length the number of messages that wait
    /// @param mark the mark
    default void longMailbox(Node node, Pid pid, String server, int length, int mark) {}

    /// A call has timed out. Runs on the caller's thread.
    ///
    /// @param node the node of the caller
    /// @param server the class of the server
    /// @param request the request
    /// @param waited how long the caller has waited
    default void callTimedOut(Node node, String server, Object request, Duration waited) {}

    /// A call has failed because processes would wait for each other's replies in a cycle. Runs on
    /// the caller's thread.
    ///
    /// @param node the node of the caller
    /// @param cycle the processes in the order in which they call each other; the caller is the
    ///   first and the last
    default void callCycle(Node node, List<Pid> cycle) {}

    /// A supervisor is about to restart a child.
    ///
    /// @param node the node
    /// @param supervisor the supervisor
    /// @param child the id of the child, most often its class
    /// @param reason why the child ended, or why its last restart failed
    /// @param attempt the number of this restart within the supervisor's period, or in a row if the
    ///   child has a back-off
    /// @param delay the time until the restart
    default void childRestarting(
            Node node,
            Pid supervisor,
            Object child,
            ExitReason reason,
            int attempt,
            Duration delay) {}

    /// A supervisor has reached its limit of restarts and is about to exit with `shutdown`.
    ///
    /// @param node the node
    /// @param supervisor the supervisor
    /// @param child the id of the child that would have needed one more restart
    /// @param reason why that child ended, or why its last restart failed
    default void supervisorGaveUp(Node node, Pid supervisor, Object child, ExitReason reason) {}

    /// A child has not ended in the time that its shutdown allows, and its supervisor is about to
    /// kill it.
    ///
    /// @param node the node
    /// @param supervisor the supervisor
    /// @param child the id of the child, most often its class
    /// @param pid the child
    /// @param limit the time that it had
    /// @param stack what it is executing, innermost first; empty if that is not known
    default void childOverdue(
            Node node,
            Pid supervisor,
            Object child,
            Pid pid,
            Duration limit,
            List<StackTraceElement> stack) {}

    /// A node is closed, and its processes have ended. Runs on the thread that closes it.
    ///
    /// @param node the node
    default void nodeClosed(Node node) {}
}
