package io.genserver;

import java.util.Objects;

/// A reference to a server of a known class. The compiler then refuses a call or a cast that the
/// server does not take.
///
/// ```java
/// Server<Stack> stack = GenServer.startLink(Stack::new, List.of("hello")).server();
/// Optional<String> top = GenServer.call(stack, new Stack.Pop());
/// GenServer.cast(stack, new Stack.Push("world"));
/// GenServer.cast(stack, "world");                     // does not compile
/// ```
///
/// The start functions return one ([Start#server]). A reference by name still works after a
/// supervisor has restarted the server:
///
/// ```java
/// static final Server<Stack> STACK = Server.named("stack", Stack.class);
///
/// GenServer.startLink(Stack::new, List.of(), StartOption.name(STACK));
/// ```
///
/// A pid or a name has no type. To send to one, use [ServerRef], or state its class with
/// [#of(ServerRef, Class)]. The compiler trusts that statement. A server that gets a request it
/// does not take crashes, and the caller gets the reason.
///
/// @param <G> what runs: a class that implements [GenServer], an [Agent], a supervisor
@SuppressWarnings("UnusedTypeParameter") // the compiler uses G at each call; this type does not
public final class Server<G> implements ProcessRef {

    private final ServerRef ref;

    private Server(ServerRef ref) {
        this.ref = Objects.requireNonNull(ref, "ref");
    }

    /// Refers to a server by a reference whose type the compiler finds out from where the result is
    /// used.
    ///
    /// @param ref a pid, a name or a via reference
    /// @param <G> what runs there, as the caller states
    /// @return the reference
    public static <G> Server<G> of(ServerRef ref) {
        return new Server<>(ref);
    }

    /// Refers to a server of a class.
    ///
    /// @param ref a pid, a name or a via reference
    /// @param type what runs there, as the caller states
    /// @param <G> what runs there
    /// @return the reference
    public static <G> Server<G> of(ServerRef ref, Class<G> type) {
        return new Server<>(ref);
    }

    /// Refers to the server that is registered under a name on this node. The compiler finds out
    /// the type from where the result is used; use this for a generic server, which has no class
    /// literal.
    ///
    /// @param name the name, not blank
    /// @param <G> what has the name, as the caller states
    /// @return the reference; it is valid whether or not a process has the name now
    /// @throws IllegalArgumentException if the name is blank
    public static <G> Server<G> named(String name) {
        return new Server<>(new Name(name));
    }

    /// Refers to the server of a class that is registered under a name on this node.
    ///
    /// @param name the name, not blank
    /// @param type what has the name, as the caller states
    /// @param <G> what has the name
    /// @return the reference; it is valid whether or not a process has the name now
    /// @throws IllegalArgumentException if the name is blank
    public static <G> Server<G> named(String name, Class<G> type) {
        return of(new Name(name), type);
    }

    @Override
    public ServerRef untyped() {
        return ref;
    }

    /// Returns a reference to the same name or key that is always looked up on one node. This
    /// reference is looked up on the node of the thread that uses it, see [Node].
    ///
    /// Hand the result to code whose threads belong to another node or to none: an executor, an
    /// HTTP server, reactive code.
    ///
    /// ```java
    /// Server<Stack> stack = STACK.on(node);
    /// executor.submit(() -> GenServer.call(stack, new Stack.Pop()));
    /// ```
    ///
    /// When the node is closed, requests through the reference fail with `noproc`. A server cannot
    /// be started under the result.
    ///
    /// @param node the node
    /// @return the reference; this one if it is by pid, because a pid is valid on all nodes
    public Server<G> on(Node node) {
        Objects.requireNonNull(node, "node");
        return ref instanceof Pid ? this : new Server<>(OnNode.refer(node, ref));
    }

    /// Returns the pid of the process that the reference means now.
    ///
    /// @return the pid; that of a reference by pid, whether its process lives or not
    /// @throws ExitException with [ExitReason#NOPROC] if no process has the name
    public Pid pid() {
        return ref instanceof Pid pid
                ? pid
                : GenServer.whereis(ref).orElseThrow(() -> new ExitException(ExitReason.NOPROC));
    }

    /// Returns whether the other object is a reference by the same pid, name or key.
    @Override
    public boolean equals(Object other) {
        return other instanceof Server<?> server && ref.equals(server.ref);
    }

    @Override
    public int hashCode() {
        return ref.hashCode();
    }

    /// Returns the pid, name or key as text.
    @Override
    public String toString() {
        return ref.toString();
    }
}
