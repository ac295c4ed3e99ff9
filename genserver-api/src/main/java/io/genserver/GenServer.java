package io.genserver;

import io.genserver.spi.ProcessRuntime;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A process that keeps state, answers calls and takes casts, one message at a time.
///
/// A server implements this interface; the runtime runs its callbacks in a process of their own,
/// and everybody else reaches it through the static methods here. Because one process owns the
/// state, callbacks need no locks; because a callback may block, they may use JDBC, files and calls
/// to other servers as any code does.
///
/// ## The smallest server
///
/// ```java
/// final class Stack implements GenServer<List<String>, Deque<String>, Stack.Pop, Stack.Push> {
///     record Pop() implements Call<Optional<String>> {}
///     record Push(String element) {}
///
///     @Override public Init<Deque<String>> init(List<String> elements) {
///         return Init.ok(new ArrayDeque<>(elements));
///     }
///
///     @Override public CallResult<Deque<String>> handleCall(Pop pop, From from, Deque<String> stack) {
///         return reply(pop, Optional.ofNullable(stack.poll()), stack);
///     }
///
///     @Override public CastResult<Deque<String>> handleCast(Push push, Deque<String> stack) {
///         stack.push(push.element());
///         return noreply(stack);
///     }
/// }
///
/// Pid stack = GenServer.startLink(Stack::new, List.of("hello")).pid();
/// GenServer.call(stack, new Stack.Pop());            // Optional[hello]
/// GenServer.cast(stack, new Stack.Push("world"));
/// GenServer.call(stack, new Stack.Pop());            // Optional[world]
/// ```
///
/// ## Client and server
///
/// Hide the requests behind static methods of the same class, the client API: they run in the
/// caller's process, the callbacks in the server's.
///
/// ```java
/// static Start startLink(List<String> elements, StartOption... options) {
///     return GenServer.startLink(Stack::new, elements, options);
/// }
///
/// static Optional<String> pop(ServerRef stack) { return GenServer.call(stack, new Pop()); }
///
/// static void push(ServerRef stack, String element) { GenServer.cast(stack, new Push(element)); }
/// ```
///
/// Several requests make a sealed interface, and the compiler checks that `handleCall`'s `switch`
/// answers each; see [Call].
///
/// ## State
///
/// The state belongs to the process alone, so mutable collections in it are fine. What must not
/// happen is that a reply or a message hands the same mutable object to somebody else.
///
/// ## Supervising
///
/// Start servers under a supervisor, with a static `childSpec()` beside `startLink`. The start
/// functions take a *supplier* of the server, so every start and restart gets a fresh instance and
/// a fresh `init`.
///
/// ## Names
///
/// `StartOption.name("shopping")` registers the server before its `init` runs, and
/// `ServerRef.name("shopping")` reaches whatever process has the name at that moment.
///
/// ## Other messages
///
/// Whatever is not a call or a cast arrives in [#handleInfo]: messages from [Processes#send],
/// [Down] from monitors, [Exit] when the server traps exits, [StateTimeout]. Have a default branch.
///
/// ## When not to use it
///
/// A process is for a thing with its own state, its own time or its own failures, not for
/// organising code: what needs none of these is a plain class. State that is only read and replaced
/// is an [Agent].
///
/// ## When a callback fails
///
/// | in a callback | then |
/// |---|---|
/// | anything thrown | [#terminate] runs with the state before the callback, a crash report is logged, the process exits with [ExitReason.Crash] |
/// | an [ExitException] thrown | the same with its reason; orderly reasons are not logged |
/// | `null` returned | the same with [ExitReason.BadReturnValue] |
///
/// Everybody who waits for a reply gets the exit reason at once.
///
/// Source: Elixir's `GenServer`, Erlang's `gen_server`.
///
/// @param <A> the argument of [#init]
/// @param <S> the state
/// @param <C> the requests that are calls, a sealed type of [Call]s as a rule, `Object` to take any
/// @param <K> the requests that are casts, a sealed type as a rule, `Object` to take any
public interface GenServer<A, S, C, K> {

    /// How long [#call(ServerRef, Call)] waits: 5 s.
    Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    /// A timeout that never passes.
    Duration INFINITY = ChronoUnit.FOREVER.getDuration();

    /// Makes the first state. The process that starts the server waits for it.
    ///
    /// See [Init] for what each result does. Source: `c:init/1`.
    ///
    /// @param argument the argument given to [#startLink]
    /// @return how the server starts
    /// @throws Exception if the server cannot start; the starter gets it as the reason
    Init<S> init(A argument) throws Exception;

    /// Answers a call. The default throws, which stops the server and fails the caller.
    ///
    /// | result | then |
    /// |---|---|
    /// | [CallResult.Reply] | the caller gets the reply |
    /// | [CastResult.NoReply] | the caller goes on waiting until someone calls [#reply] with `from` |
    /// | [CallResult.StopReply] | [#terminate], then the reply, then the exit |
    /// | [CastResult.Stop] | [#terminate], then the exit; the caller gets its reason |
    ///
    /// Source: `c:handle_call/3`.
    ///
    /// @param request the request
    /// @param from who waits for the reply
    /// @param state the state
    /// @return what to answer and how to go on
    /// @throws Exception if the request cannot be served; stops the server
    default CallResult<S> handleCall(C request, From from, S state) throws Exception {
        throw new UnsupportedOperationException(
                "attempted to call "
                        + getClass().getName()
                        + " with "
                        + request
                        + ", but it does not implement handleCall");
    }

    /// Takes a cast. The default throws, which stops the server.
    ///
    /// Source: `c:handle_cast/2`.
    ///
    /// @param request the request
    /// @param state the state
    /// @return how to go on
    /// @throws Exception if the request cannot be served; stops the server
    default CastResult<S> handleCast(K request, S state) throws Exception {
        throw new UnsupportedOperationException(
                "attempted to cast "
                        + request
                        + " to "
                        + getClass().getName()
                        + ", but it does not implement handleCast");
    }

    /// Takes any other message. The default logs it as an error and goes on.
    ///
    /// Source: `c:handle_info/2`.
    ///
    /// @param message the message
    /// @param state the state
    /// @return how to go on
    /// @throws Exception if the message cannot be handled; stops the server
    default CastResult<S> handleInfo(Object message, S state) throws Exception {
        UnexpectedMessages.log(this, message);
        return CastResult.noreply(state);
    }

    /// Goes on with what an [Action#continueWith] asked for, before any queued message. The default
    /// throws, which stops the server.
    ///
    /// Source: `c:handle_continue/2`.
    ///
    /// @param continuation what the action was given
    /// @param state the state
    /// @return how to go on
    /// @throws Exception if it cannot go on; stops the server
    default CastResult<S> handleContinue(Object continuation, S state) throws Exception {
        throw new UnsupportedOperationException(
                getClass().getName()
                        + " was asked to continue with "
                        + continuation
                        + ", but it does not implement handleContinue");
    }

    /// Cleans up before the server ends. The default does nothing.
    ///
    /// Runs when a callback stopped the server or failed, when [#stop(ServerRef)] asked for it,
    /// and, if the server traps exits, when its parent ended or told it to. Does not run when the
    /// server is killed, when an exit signal ends a server that does not trap exits, or when init
    /// failed: what must be cleaned up in any case belongs to a process that monitors this one.
    ///
    /// If it throws, what it throws becomes the exit reason. Source: `c:terminate/2`.
    ///
    /// @param reason why the server ends
    /// @param state the state, the one before the callback if a callback failed
    /// @throws Exception if cleaning up fails
    default void terminate(ExitReason reason, S state) throws Exception {}

    /// Converts the state of an earlier version of the server. The default keeps it. Runs when
    /// [Sys#changeCode] has put this instance in the place of another.
    ///
    /// Source: `c:code_change/3`; throwing stands for `{:error, reason}`.
    ///
    /// @param oldVersion the version the state was made by
    /// @param state the old state
    /// @param extra whatever the one who changes the code passed along
    /// @return the state in the form this version wants
    /// @throws Exception if the state cannot be converted; the old one stays in force
    default S codeChange(Object oldVersion, S state, Object extra) throws Exception {
        return state;
    }

    /// Chooses what [Sys#getStatus] and crash reports show of the server, such as a state without
    /// its passwords. The default shows everything.
    ///
    /// If it throws or returns null, a note stands in the place of what it would have shown.
    /// Source: `c:format_status/1`.
    ///
    /// @param status what would be shown
    /// @return what is to be shown; see [FormatStatus#withState] and its like
    /// @throws Exception if it cannot; hurts neither the server nor the report
    default FormatStatus formatStatus(FormatStatus status) throws Exception {
        return status;
    }

    /// The class that stands for this server in reports and in [ProcessInfo#initialCall]. The
    /// default is the server's own; a behaviour built on GenServer names itself.
    ///
    /// Source: `$initial_call` of `proc_lib`.
    ///
    /// @return the class
    default Class<?> callbackModule() {
        return getClass();
    }

    /// Starts a server linked to the calling process and waits until its init has returned.
    ///
    /// If init stops or throws, the exit signal reaches the caller as from any linked process, so a
    /// caller that does not trap exits ends with the same reason. A thread that is no process has
    /// nothing to link: the server is started as by [#start].
    ///
    /// Source: `GenServer.start_link/3`.
    ///
    /// @param server makes the server's instance, in the server's process
    /// @param argument the argument of init
    /// @param options name, init timeout, …
    /// @param <A> the type of the argument
    /// @return how it went
    static <A> Start startLink(
            Supplier<? extends GenServer<A, ?, ?, ?>> server, A argument, StartOption... options) {
        return ProcessRuntime.get().start(server, argument, true, options);
    }

    /// Starts a server without a link and waits until its init has returned.
    ///
    /// Source: `GenServer.start/3`.
    ///
    /// @param server makes the server's instance, in the server's process
    /// @param argument the argument of init
    /// @param options name, init timeout, …
    /// @param <A> the type of the argument
    /// @return how it went
    static <A> Start start(
            Supplier<? extends GenServer<A, ?, ?, ?>> server, A argument, StartOption... options) {
        return ProcessRuntime.get().start(server, argument, false, options);
    }

    /// Starts a server, monitors it from before its init on, and waits until its init has returned.
    ///
    /// Source: `gen_server:start_monitor/4`.
    ///
    /// @param server makes the server's instance, in the server's process
    /// @param argument the argument of init
    /// @param options name, init timeout, …
    /// @param <A> the type of the argument
    /// @return how it went; if it did not start, no [Down] comes
    /// @throws IllegalStateException if the thread is no process
    static <A> MonitoredStart startMonitor(
            Supplier<? extends GenServer<A, ?, ?, ?>> server, A argument, StartOption... options) {
        return ProcessRuntime.get().startMonitor(server, argument, options);
    }

    /// Calls a server and waits up to 5 s for its reply.
    ///
    /// @param server the server
    /// @param request the request
    /// @param <R> the reply's type
    /// @return the reply
    /// @throws CallException as [#call(ServerRef, Call, Duration)] does
    static <R extends @Nullable Object> R call(ServerRef server, Call<R> request) {
        return call(server, request, DEFAULT_TIMEOUT);
    }

    /// Calls a server and waits for its reply.
    ///
    /// Blocks the calling thread. After a timeout the server goes on with the request; its late
    /// reply vanishes. Source: `GenServer.call/3`.
    ///
    /// @param server the server
    /// @param request the request
    /// @param timeout how long to wait, 0 or more; [#INFINITY] to wait for ever
    /// @param <R> the reply's type
    /// @return the reply
    /// @throws CallException if there is no such server, it does not answer in time, it ends before
    ///   it has answered, a process calls itself, or the waiting thread is interrupted
    /// @throws IllegalArgumentException if the timeout is negative
    // The server answers a Call<R> with reply(Call<R>, R, state), null only if R allows it.
    @SuppressWarnings({"unchecked", "NullAway"})
    static <R extends @Nullable Object> R call(
            ServerRef server, Call<R> request, Duration timeout) {
        return (R) ProcessRuntime.get().call(server, request, timeout);
    }

    /// Calls a server with a request that does not name its reply's type, and waits up to 5 s.
    ///
    /// @param server the server
    /// @param request the request
    /// @return the reply
    /// @throws CallException as [#call(ServerRef, Call, Duration)] does
    static @Nullable Object callUntyped(ServerRef server, Object request) {
        return ProcessRuntime.get().call(server, request, DEFAULT_TIMEOUT);
    }

    /// Calls a server with a request that does not name its reply's type.
    ///
    /// @param server the server
    /// @param request the request
    /// @param timeout how long to wait, 0 or more; [#INFINITY] to wait for ever
    /// @return the reply
    /// @throws CallException as [#call(ServerRef, Call, Duration)] does
    static @Nullable Object callUntyped(ServerRef server, Object request, Duration timeout) {
        return ProcessRuntime.get().call(server, request, timeout);
    }

    /// Sends a server a request that needs no reply, and returns at once.
    ///
    /// Never fails: a cast to a server that does not exist is lost. Source: `GenServer.cast/2`.
    ///
    /// @param server the server
    /// @param request the request
    static void cast(ServerRef server, Object request) {
        ProcessRuntime.get().cast(server, request);
    }

    /// Casts to several servers. Source: `GenServer.abcast/3`, with servers in the place of nodes.
    ///
    /// @param servers the servers
    /// @param request the request
    static void abcast(Collection<? extends ServerRef> servers, Object request) {
        servers.forEach(server -> cast(server, request));
    }

    /// Sends a server a call and returns at once; never fails, for a failure is a response too.
    ///
    /// Source: `gen_server:send_request/2`.
    ///
    /// @param server the server
    /// @param request the request
    /// @param <R> the reply's type
    /// @return what to wait for the response with
    // The server answers a Call<R> with reply(Call<R>, R, state), null only if R allows it.
    @SuppressWarnings({"unchecked", "NullAway"})
    static <R extends @Nullable Object> RequestId<R> sendRequest(
            ServerRef server, Call<R> request) {
        return (RequestId<R>) ProcessRuntime.get().sendRequest(server, request);
    }

    /// Sends a server a call with a request that does not name its reply's type.
    ///
    /// @param server the server
    /// @param request the request
    /// @return what to wait for the response with
    static RequestId<@Nullable Object> sendRequestUntyped(ServerRef server, Object request) {
        return ProcessRuntime.get().sendRequest(server, request);
    }

    /// Calls several servers at the same time and waits for all of them. Replies that come too late
    /// vanish.
    ///
    /// Source: `GenServer.multi_call/4`, with servers in the place of nodes.
    ///
    /// @param servers the servers
    /// @param request the request
    /// @param timeout how long to wait for all of them, 0 or more
    /// @param <R> the reply's type
    /// @return the replies, and why there is none from the others
    /// @throws IllegalArgumentException if the timeout is negative
    // Each server answers a Call<R> with reply(Call<R>, R, state), null only if R allows it.
    @SuppressWarnings({"unchecked", "NullAway"})
    static <R extends @Nullable Object> MultiCall<R> multiCall(
            Collection<? extends ServerRef> servers, Call<R> request, Duration timeout) {
        return (MultiCall<R>) ProcessRuntime.get().multiCall(servers, request, timeout);
    }

    /// Answers a call whose callback returned [CastResult#noreply]; any thread may do so.
    ///
    /// A second answer, or one whose caller has gone, vanishes. Source: `GenServer.reply/2`.
    ///
    /// @param from who waits
    /// @param request the request, which fixes the type of the reply
    /// @param reply what the caller gets
    /// @param <R> the reply's type
    static <R extends @Nullable Object> void reply(From from, Call<R> request, R reply) {
        ProcessRuntime.get().reply(from, reply);
    }

    /// Answers a call whose request does not name its reply's type.
    ///
    /// @param from who waits
    /// @param reply what the caller gets
    static void replyUntyped(From from, @Nullable Object reply) {
        ProcessRuntime.get().reply(from, reply);
    }

    /// Stops a server with the reason `normal` and waits, without limit, until it has ended.
    ///
    /// @param server the server
    /// @throws CallException as [#stop(ServerRef, ExitReason, Duration)] does
    static void stop(ServerRef server) {
        stop(server, ExitReason.NORMAL, INFINITY);
    }

    /// Stops a server and waits, without limit, until it has ended.
    ///
    /// @param server the server
    /// @param reason the reason it is to exit with
    /// @throws CallException as [#stop(ServerRef, ExitReason, Duration)] does
    static void stop(ServerRef server, ExitReason reason) {
        stop(server, reason, INFINITY);
    }

    /// Stops a server and waits until it has ended. Its [#terminate] runs, whether it traps exits
    /// or not; messages queued before are handled first.
    ///
    /// Source: `GenServer.stop/3`.
    ///
    /// @param server the server
    /// @param reason the reason it is to exit with
    /// @param timeout how long to wait, 0 or more; [#INFINITY] to wait for ever
    /// @throws CallException if there is no such server, it is the caller itself, it ended with
    ///   another reason, or it has not ended in time, in which case it is left alone
    static void stop(ServerRef server, ExitReason reason, Duration timeout) {
        ProcessRuntime.get().stop(server, reason, timeout);
    }

    /// Finds the process behind a reference. Source: `GenServer.whereis/1`.
    ///
    /// @param server a pid, a name or a via reference
    /// @return the live process that has the name, or empty; a pid is returned as it is
    static Optional<Pid> whereis(ServerRef server) {
        return ProcessRuntime.get().whereis(server);
    }
}
