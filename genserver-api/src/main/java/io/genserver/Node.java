package io.genserver;

import io.genserver.spi.NodeBase;
import io.genserver.spi.ProcessRuntime;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A set of processes with its own names, timers, dead letters and applications.
///
/// Most programs never name a node: every thread acts on the default node, which exists from the
/// start. Further nodes keep things apart in one JVM, such as tests that run in parallel or several
/// application contexts.
///
/// ```java
/// try (Node node = Node.start("shop")) {
///     node.run(() -> {
///         GenServer.start(Stack::new, List.of(), StartOption.name("stack"));
///         Processes.whereis("stack");                      // present
///     });
///     Processes.whereis("stack");                          // empty: the default node's names
/// }                                                        // the stack has been shut down
/// ```
///
/// ## Which node an operation acts on
///
/// The static methods of this API act on the node of the current process. A thread that is no
/// process acts on the node to which [#run] or [#call] binds it, else on the default node. A
/// process always belongs to the node on which it was started, and what it starts belongs to the
/// same node.
///
/// ## What two nodes share
///
/// Each node has its own:
///
/// - names, [Processes#whereis], [Processes#registered], via names and registries
/// - [Processes#list]
/// - timers: each node has a timer thread
/// - [DeadLetters]
/// - applications of the supervisor module
///
/// These work across nodes:
///
/// - A [Pid] leads to its process from every thread and every node.
/// - Send, call, cast, stop, exit signals, links and monitors by pid work across nodes.
/// - A [Ref] and a [From] work everywhere.
///
/// A message to a dead pid is a dead letter of the node that sends it. When a node closes, the
/// links and monitors that processes of other nodes have on its processes fire.
///
/// ## When not to use it
///
/// A node is neither a unit of supervision nor a security boundary. To stop a part of a program,
/// put that part under a supervisor.
public sealed interface Node extends AutoCloseable permits NodeBase {

    /// How long [#close()] waits at most: 30 s.
    Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(30);

    /// Starts a node with a generated name that no other node has.
    ///
    /// @return the node
    static Node start() {
        return ProcessRuntime.get().startNode(null);
    }

    /// Starts a node.
    ///
    /// @param name its name, which no other open node of this JVM may have
    /// @return the node
    /// @throws IllegalArgumentException if the name is blank or taken
    static Node start(String name) {
        return ProcessRuntime.get().startNode(Objects.requireNonNull(name, "name"));
    }

    /// Returns the node that the current thread acts on.
    ///
    /// @return the node; Elixir's `Node.self/0`
    static Node current() {
        return ProcessRuntime.get().currentNode();
    }

    /// Returns the node of all threads that are bound to no other node. It is named `nonode@nohost`
    /// and lives as long as the JVM.
    ///
    /// @return the node
    static Node defaultNode() {
        return ProcessRuntime.get().defaultNode();
    }

    /// Returns the name.
    ///
    /// @return the name, as in [Pid#node]
    String name();

    /// Runs a function on the current thread, bound to this node, and returns its result. Blocks
    /// until the function has ended.
    ///
    /// If the thread is a process of another node, it is no process while the function runs, and
    /// [Processes#self] fails. Threads that the function starts are not bound, except those of a
    /// `StructuredTaskScope`.
    ///
    /// @param <R> the type of the result
    /// @param <X> the exception that the function throws
    /// @param body the function
    /// @return its result
    /// @throws X if the function throws it
    /// @throws IllegalStateException if the node is closed
    <R extends @Nullable Object, X extends Throwable> R call(
            ScopedValue.CallableOp<? extends R, X> body) throws X;

    /// Runs a function as [#call] does.
    ///
    /// @param body the function
    /// @throws IllegalStateException if the node is closed
    default void run(Runnable body) {
        Objects.requireNonNull(body, "body");
        call(() -> {
            body.run();
            return Boolean.TRUE;
        });
    }

    /// Tells whether the node is open. It is no longer open once [#close] has begun.
    ///
    /// @return whether it is open
    boolean isOpen();

    /// Closes the node as [#close(Duration)] does, and waits at most 30 s.
    @Override
    default void close() {
        close(DEFAULT_CLOSE_TIMEOUT);
    }

    /// Ends all processes of the node, then its timers and threads. Blocks until that is done. If
    /// the node is closed, or another thread is closing it, this returns at once.
    ///
    /// 1. Processes that no living process of the node has started are told to end, the newest
    ///    first. A server among them is stopped with reason `shutdown` and awaited, so supervisors
    ///    stop their children in order. Any other process gets an exit signal `shutdown`.
    /// 2. Processes that are left end with those they are linked to. The node waits for them.
    /// 3. When the timeout has passed, or the closing thread is interrupted, the remaining
    ///    processes are killed.
    ///
    /// After that nothing can be started on the node, and a call to one of its processes fails with
    /// `noproc`. A thread that ignores its interrupt may still be running code of a killed process.
    ///
    /// @param timeout how long steps 1 and 2 may take, 0 or more
    /// @throws IllegalArgumentException if the timeout is negative
    /// @throws IllegalStateException if this is the default node, or the current thread is one of
    ///   the node's processes
    void close(Duration timeout);
}
