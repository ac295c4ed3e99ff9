package io.genserver;

import io.genserver.spi.ProcessRuntime;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/// A process that keeps state and handles calls, casts and other messages, one at a time.
///
/// A call waits for a reply; a cast does not.
///
/// A server implements this interface. The runtime runs its callbacks in a process of their own.
/// All other code reaches the server through the static methods of this interface. One process owns
/// the state, so callbacks need no locks. Callbacks may block, so they can use JDBC, files and
/// calls to other servers like any other code.
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
/// Server<Stack> stack = GenServer.startLink(Stack::new, List.of("hello")).server();
/// GenServer.call(stack, new Stack.Pop());            // Optional[hello]
/// GenServer.cast(stack, new Stack.Push("world"));
/// GenServer.call(stack, new Stack.Pop());            // Optional[world]
/// ```
///
/// ## Client and server
///
/// Hide the requests behind static methods of the same class. These methods are the client API.
/// They run in the caller's process; the callbacks run in the server's process.
///
/// ```java
/// static Start<Stack> startLink(List<String> elements, StartOption... options) {
///     return GenServer.startLink(Stack::new, elements, options);
/// }
///
/// static Optional<String> pop(Server<Stack> stack) { return GenServer.call(stack, new Pop()); }
///
/// static void push(Server<Stack> stack, String element) {
///     GenServer.cast(stack, new Push(element));
/// }
/// ```
///
/// If a server takes several requests, make them a sealed interface. The compiler then checks that
/// the `switch` in `handleCall` answers each of them; see [Call].
///
/// A server from its start to its restart:
///
/// ```
/// client                      server                   supervisor
///   |                           |       startLink          |
///   |                           |<-------------------------|  starts and links it
///   |                           |  init                    |
///   |                           |------- Start.Ok -------->|
///   |        call Pop           |                          |
///   |-------------------------->|  handleCall              |
///   |<-------- reply -----------|                          |
///   |        cast Push          |                          |
///   |-------------------------->|  handleCast              |
///   |    Processes.monitor      |                          |
///   |-------------------------->|                          |
///   |                           |  a callback throws:      |
///   |                           |  terminate, then exit    |
///   |                           |--------- Exit ---------->|  over the link
///   |<--------- Down -----------|                          |
///   |                                                      |
///   |                       new server      startLink      |
///   |                           |<-------------------------|  restarts it
///   |                           |  init                    |
/// ```
///
/// ## State
///
/// The state belongs to the process alone, so it may contain mutable collections. Never put a
/// mutable object of the state into a reply or a message: two processes would then share it.
///
/// ## Threads
///
/// A few virtual threads run the callbacks of all servers, so the next message may be handled on
/// another thread, and a `ThreadLocal` that a callback sets may be gone or be another server's. A
/// callback may block for as long as it wants: other servers then run on other threads. `init` may
/// run on the thread of the process that starts the server. [StartOption#nonBlocking],
/// [StartOption#ownThread] and [StartOption#platformThread] choose other threads. Inside a callback
/// [Processes#self] is always the server.
///
/// ## Supervising
///
/// Start servers under a supervisor. Give each server class a static `childSpec()` beside its
/// `startLink`:
///
/// ```java
/// static ChildSpec<Stack> childSpec() {
///     return ChildSpec.worker(Stack.class, () -> startLink(List.of(), StartOption.name("stack")));
/// }
/// ```
///
/// The start functions take a *supplier* of the server, so each start and each restart gets a fresh
/// instance and runs its `init`.
///
/// ## Names
///
/// `StartOption.name("stack")` registers the server before its `init` runs. `Server.named("stack",
/// Stack.class)` refers to the process that has the name at the moment of use, so it still works
/// after a restart.
///
/// ## Other messages
///
/// Every message that is neither a call nor a cast arrives in [#handleInfo]: messages from
/// [Processes#send] and timers, [Down] from monitors, [Exit] if the server traps exits, and
/// [StateTimeout]. Give `handleInfo` a default branch.
///
/// ## Timeouts
///
/// | timeout | how to set it | when it passes | when to use it |
/// |---|---|---|---|
/// | call timeout | the last argument of [#call(ServerRef, Call, Duration)]; 5 s by default | the call fails with [CallException]; the server still handles the request | to limit how long a client waits |
/// | state timeout | [Action#timeout(Duration)] in a result; none by default | the server gets [StateTimeout] in [#handleInfo]; any message before that cancels it | to notice in some states that no message has come for a while |
/// | idle timeout | [StartOption#idleTimeout]; none by default | the server gets [StateTimeout] in [#handleInfo]; the time starts again after every callback | to end a server that nobody uses |
/// | init timeout | [StartOption#initTimeout]; none by default | the server is killed and the start returns [Start.Failed] with `timeout` | if `init` may hang |
///
/// Keep `init` short: return `Init.ok(state, Action.continueWith(…))` and do slow work in
/// [#handleContinue]. To act at a fixed time even if messages arrive before it, use a timer
/// ([Processes#sendAfter]).
///
/// ## Periodic work
///
/// Start a periodic timer in `init`:
///
/// ```java
/// final class Heartbeat implements GenServer<Duration, Ok, Object, Object> {
///     private enum Tick { TICK }
///
///     @Override public Init<Ok> init(Duration period) {
///         Processes.sendEvery(Processes.self(), Tick.TICK, period, Pace.FIXED_DELAY);
///         return Init.ok(Ok.OK);
///     }
///
///     @Override public CastResult<Ok> handleInfo(Object message, Ok state) throws Exception {
///         if (message != Tick.TICK) {
///             return GenServer.super.handleInfo(message, state);
///         }
///         beat();
///         return noreply(state);
///     }
/// }
/// ```
///
/// At most one tick is ever in the mailbox, even if the work takes longer than the period. The
/// timer is cancelled when the server ends, and a restarted server starts its own in `init`.
///
/// ## When a callback fails
///
/// | in a callback | then |
/// |---|---|
/// | it throws | [#terminate] runs with the state from before the callback, a crash report is logged, and the process exits with [ExitReason.Crash] |
/// | it throws an [ExitException] | the same with the reason of the exception; no report if the reason is orderly |
/// | it returns `null` | the same with [ExitReason.BadReturnValue] |
///
/// Every caller that waits for a reply gets the exit reason at once.
///
/// ## When not to use it
///
/// Use a process for a thing that has its own state, its own time or its own failures. Do not use
/// one to organise code: if none of these apply, write a plain class. If the state is only read and
/// replaced, use an [Agent].
///
/// ## Debugging
///
/// - [Sys#getState], [Sys#getStatus]: what the server holds. The server itself answers, between two
///   messages.
/// - [Processes#info]: mailbox, links and current stack. The runtime answers, so this also works
///   while a callback is stuck.
/// - [Sys#trace] logs each event of a server, [Sys#log(ProcessRef, int)] keeps the last ones,
///   [Sys#statistics] counts messages. [StartOption#debug] switches these on before the first
///   message.
/// - A crash report is one log record. Its logger is `io.genserver.GenServer.` and the name of the
///   server's class, and its level is [#crashLevel]. It shows the reason, the last message and who
///   sent it, the state, ancestors, links, the number of waiting messages, the events kept by
///   `Sys.log`, and the stack of the client whose request failed. Nothing is logged if the reason
///   is orderly, if the server is killed, or if an exit signal that it does not trap ends it.
///   Nothing is logged if `init` fails either: the starter gets the reason.
/// - A crash report shows the state and the last message as their types and sizes, because they may
///   be personal data: `state: java.util.HashMap, 3 entries`. [#formatStatus] makes it show more
///   for one class, and `-Dgenserver.reports=full` for all. [Sys] always shows everything.
/// - A [CallException] says which server and which request failed, how long the caller waited, and
///   why.
/// - [DeadLetters] counts and shows the messages that no process received.
///
/// Source: Elixir's `GenServer`, Erlang's `gen_server`.
///
/// @param <A> the argument of [#init]
/// @param <S> the state
/// @param <C> the requests that are calls: usually a sealed type of [Call]s, or `Object` to take
///   any
/// @param <K> the requests that are casts: usually a sealed type, or `Object` to take any
public interface GenServer<A, S, C, K> {

    /// How long [#call(ServerRef, Call)] waits: 5 s.
    Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    /// A timeout that never passes.
    Duration INFINITY = ChronoUnit.FOREVER.getDuration();

    /// Makes the first state. The starter waits until this method returns.
    ///
    /// It may run on the thread of the process that starts the server. [Init] lists the results and
    /// what each does.
    ///
    /// Source: `c:init/1`.
    ///
    /// @param argument the argument given to [#startLink]
    /// @return how the server starts
    /// @throws Exception if the server cannot start; the start then returns [Start.Failed] with it
    Init<S> init(A argument) throws Exception;

    /// Answers a call.
    ///
    /// | result | then |
    /// |---|---|
    /// | `reply(request, value, state)` | the caller gets the value |
    /// | `reply(request, value, state, action)` | the caller gets the value, then the [Action] takes effect |
    /// | `noreply(state)`, `noreply(state, action)` | the caller keeps waiting until any thread calls [#reply] with `from.replyTo(request)` |
    /// | `stop(reason, request, value, state)` | [#terminate] runs, then the caller gets the value, then the process exits |
    /// | `stop(reason, state)` | [#terminate] runs, then the process exits; the call fails with the reason |
    /// | `null` | [#terminate] runs with the old state, then the process exits; the call fails with [ExitReason.BadReturnValue] |
    /// | a reply to another request | the same, with an [ExitReason.Crash] that names both requests |
    /// | it throws | [#terminate] runs with the old state, then the process exits; the call fails with the same reason |
    /// | the request is no `C` | as if it threw an [IllegalArgumentException] that names the request |
    /// | it is not overridden | it throws, so the server crashes and the call fails |
    ///
    /// `replyUntyped` and `stopUntyped` of [CallResult] answer a request that is no [Call]. The old
    /// state is the one from before the callback.
    ///
    /// Source: `c:handle_call/3`.
    ///
    /// @param request the request
    /// @param from the caller that waits for the reply
    /// @param state the state
    /// @return what to answer and how to continue
    /// @throws Exception if the request cannot be served; the server then crashes
    default CallResult<S> handleCall(C request, From from, S state) throws Exception {
        throw new UnsupportedOperationException(
                "attempted to call "
                        + getClass().getName()
                        + " with "
                        + request
                        + ", but it does not implement handleCall");
    }

    /// Handles a cast. The sender does not wait and does not learn what happens.
    ///
    /// | result | then |
    /// |---|---|
    /// | `noreply(state)` | the server handles its next message |
    /// | `noreply(state, action)` | the [Action] takes effect |
    /// | `stop(reason, state)` | [#terminate] runs, then the process exits with the reason |
    /// | `null` | [#terminate] runs with the state from before the callback, then the process exits with [ExitReason.BadReturnValue] |
    /// | it throws | the same, with [ExitReason.Crash] or the reason of the [ExitException] |
    /// | the request is no `K` | as if it threw an [IllegalArgumentException] that names the request |
    /// | it is not overridden | it throws, so the server crashes |
    ///
    /// Source: `c:handle_cast/2`.
    ///
    /// @param request the request
    /// @param state the state
    /// @return how to continue
    /// @throws Exception if the request cannot be handled; the server then crashes
    default CastResult<S> handleCast(K request, S state) throws Exception {
        throw new UnsupportedOperationException(
                "attempted to cast "
                        + request
                        + " to "
                        + getClass().getName()
                        + ", but it does not implement handleCast");
    }

    /// Handles every other message: one from [Processes#send] or a timer, [Down], [Exit],
    /// [StateTimeout], or a response that [RequestId#checkResponse] recognises.
    ///
    /// An [Exit] from the parent, the process that started and linked the server, does not arrive
    /// here: a server that traps exits then runs [#terminate] and exits with that reason.
    ///
    /// | result | then |
    /// |---|---|
    /// | `noreply(state)` | the server handles its next message |
    /// | `noreply(state, action)` | the [Action] takes effect |
    /// | `stop(reason, state)` | [#terminate] runs, then the process exits with the reason |
    /// | `null` | [#terminate] runs with the state from before the callback, then the process exits with [ExitReason.BadReturnValue] |
    /// | it throws | the same, with [ExitReason.Crash] or the reason of the [ExitException] |
    /// | it is not overridden | the message is logged at level error and dropped; the server continues |
    ///
    /// A result without an action ends a state timeout that was running, as every message does. The
    /// default branch of a server that relies on one returns the action again.
    ///
    /// Source: `c:handle_info/2`.
    ///
    /// @param message the message
    /// @param state the state
    /// @return how to continue
    /// @throws Exception if the message cannot be handled; the server then crashes
    default CastResult<S> handleInfo(Object message, S state) throws Exception {
        UnexpectedMessages.log(this, message);
        return CastResult.noreply(state);
    }

    /// Continues after `init` or another callback returned [Action#continueWith], before any queued
    /// message.
    ///
    /// After an `init` the starter already has [Start.Ok], and after a call the caller already has
    /// its reply. A failure here therefore does not fail the start.
    ///
    /// | result | then |
    /// |---|---|
    /// | `noreply(state)` | the server handles its next message |
    /// | `noreply(state, action)` | the [Action] takes effect; it may continue again |
    /// | `stop(reason, state)` | [#terminate] runs, then the process exits with the reason |
    /// | `null` | [#terminate] runs with the state from before the callback, then the process exits with [ExitReason.BadReturnValue] |
    /// | it throws | the same, with [ExitReason.Crash] or the reason of the [ExitException] |
    /// | it is not overridden | it throws, so the server crashes |
    ///
    /// Source: `c:handle_continue/2`.
    ///
    /// @param continuation the value given to the action
    /// @param state the state
    /// @return how to continue
    /// @throws Exception if the server cannot continue; it then crashes
    default CastResult<S> handleContinue(Object continuation, S state) throws Exception {
        throw new UnsupportedOperationException(
                getClass().getName()
                        + " was asked to continue with "
                        + continuation
                        + ", but it does not implement handleContinue");
    }

    /// Cleans up before the server ends. The default does nothing. A supervisor stops a server with
    /// an exit signal, so start a server that has to clean up with [StartOption#terminateOnExit()]:
    /// without that option, and if it does not trap exits, the signal ends it at once.
    ///
    /// It runs if
    ///
    /// - a callback returned `stop`, threw, or returned a bad value,
    /// - [#stop(ProcessRef)] or [Sys#terminate] stops the server,
    /// - the server traps exits and its parent ends or sends it an exit signal,
    /// - an exit signal ends a server that was started with [StartOption#terminateOnExit()].
    ///
    /// It does not run if the server is killed, if an exit signal ends a server that neither traps
    /// exits nor has that option, or if `init` fails. Register a cleanup that must happen in every
    /// case with [Processes#onExit], or let another process that monitors this one do it.
    ///
    /// If this method throws, the process exits with what it threw. A reply of `stop(reason,
    /// request, value, state)` is sent all the same.
    ///
    /// Source: `c:terminate/2`.
    ///
    /// @param reason why the server ends
    /// @param state the state; if a callback failed, the state from before that callback
    /// @throws Exception if the cleanup fails
    default void terminate(ExitReason reason, S state) throws Exception {}

    /// Converts the state of an earlier version of the server. The default returns it unchanged.
    ///
    /// It runs on the new instance, in the server, when [Sys#changeCode] replaces the instance.
    ///
    /// Source: `c:code_change/3`; throwing corresponds to `{:error, reason}`.
    ///
    /// @param oldVersion the version that made the state
    /// @param state the old state
    /// @param extra the value given to [Sys#changeCode]
    /// @return the state in the form that this version needs
    /// @throws Exception if the state cannot be converted; the server then keeps the old instance
    ///   and the old state
    default S codeChange(Object oldVersion, S state, Object extra) throws Exception {
        return state;
    }

    /// Chooses what [Sys#getStatus] and crash reports show of the server, such as a state without
    /// its passwords. The default shows everything in the status.
    ///
    /// A crash report shows a state and a message that this method sets. It shows others as their
    /// types and sizes. So a server whose state is no secret has the report show it this way:
    ///
    /// ```java
    /// @Override public FormatStatus formatStatus(FormatStatus status) {
    ///     return status.withState(status.state());
    /// }
    /// ```
    ///
    /// With the system property `genserver.reports` set to `full`, reports show the values of all
    /// servers.
    ///
    /// If this method throws or returns null, a note replaces the state, and the rest is shown as
    /// if this method had changed nothing.
    ///
    /// Source: `c:format_status/1`.
    ///
    /// @param status everything there is to show
    /// @return what to show; see [FormatStatus#withState] and the methods beside it
    /// @throws Exception if it fails; the server and the report are not affected
    default FormatStatus formatStatus(FormatStatus status) throws Exception {
        return status;
    }

    /// Returns the level of the crash report of this server, such as a lower one for a failure that
    /// is expected. The default is error. Runs in the server, before [#formatStatus].
    ///
    /// If this method throws or returns null, the level is error, and the report says so.
    ///
    /// @param reason why the server ends; never an orderly reason, because that has no report
    /// @return the level
    default Level crashLevel(ExitReason reason) {
        return Level.ERROR;
    }

    /// Returns the class that names this server in reports and in [ProcessInfo#initialCall]. The
    /// default is the class of the server. A behaviour that is built on GenServer returns its own
    /// class.
    ///
    /// Source: `$initial_call` of `proc_lib`.
    ///
    /// @return the class
    default Class<?> callbackModule() {
        return getClass();
    }

    /// Starts a server, links it to the calling process, and waits until its `init` has returned.
    ///
    /// The wait has no limit, unless [StartOption#initTimeout] sets one. If `init` stops or throws,
    /// the calling process gets the exit signal over the link: a caller that does not trap exits
    /// then ends with the same reason, unless it is `normal`. A caller that traps exits gets the
    /// result of this method and no [Exit]. If the init timeout passes or the name is taken, no
    /// exit signal is sent.
    ///
    /// On a thread that is not a process there is nothing to link, so this method does the same as
    /// [#start].
    ///
    /// Source: `GenServer.start_link/3`.
    ///
    /// @param server makes the server; runs in the new process
    /// @param argument the argument of `init`
    /// @param options name, init timeout and others; see [StartOption]
    /// @param <A> the type of the argument
    /// @param <G> the class of the server
    /// @return how the start went; [Start.Failed] with `interrupted` if the calling thread is
    ///   interrupted while it waits, in which case the server is killed
    /// @throws ExitException if the calling process ends, such as by the exit signal above
    /// @throws IllegalArgumentException if the options contradict each other
    static <A, G extends GenServer<A, ?, ?, ?>> Start<G> startLink(
            Supplier<? extends G> server, A argument, StartOption... options) {
        return ProcessRuntime.get().start(server, argument, true, options);
    }

    /// Starts a server without a link and waits until its `init` has returned.
    ///
    /// The wait has no limit, unless [StartOption#initTimeout] sets one. A failed start does not
    /// affect the calling process.
    ///
    /// Source: `GenServer.start/3`.
    ///
    /// @param server makes the server; runs in the new process
    /// @param argument the argument of `init`
    /// @param options name, init timeout and others; see [StartOption]
    /// @param <A> the type of the argument
    /// @param <G> the class of the server
    /// @return how the start went; see [#startLink] for an interrupt
    /// @throws ExitException if the calling process ends while it waits
    /// @throws IllegalArgumentException if the options contradict each other
    static <A, G extends GenServer<A, ?, ?, ?>> Start<G> start(
            Supplier<? extends G> server, A argument, StartOption... options) {
        return ProcessRuntime.get().start(server, argument, false, options);
    }

    /// Starts a server without a link, monitors it from before its `init` runs, and waits until its
    /// `init` has returned.
    ///
    /// The wait has no limit, unless [StartOption#initTimeout] sets one.
    ///
    /// Source: `gen_server:start_monitor/4`.
    ///
    /// @param server makes the server; runs in the new process
    /// @param argument the argument of `init`
    /// @param options name, init timeout and others; see [StartOption]
    /// @param <A> the type of the argument
    /// @param <G> the class of the server
    /// @return how the start went; if it failed, there is no monitor and no [Down] arrives
    /// @throws ExitException if the calling process ends while it waits
    /// @throws IllegalArgumentException if the options contradict each other
    /// @throws IllegalStateException if the thread is not a process
    static <A, G extends GenServer<A, ?, ?, ?>> MonitoredStart<G> startMonitor(
            Supplier<? extends G> server, A argument, StartOption... options) {
        return ProcessRuntime.get().startMonitor(server, argument, options);
    }

    /// Calls a server and waits up to 5 s for its reply.
    ///
    /// @param server the server
    /// @param request the request
    /// @param <R> the type of the reply
    /// @return the reply
    /// @throws CallException as [#call(ServerRef, Call, Duration)] does
    static <R extends @Nullable Object> R call(ServerRef server, Call<R> request) {
        return call(server, request, DEFAULT_TIMEOUT);
    }

    /// Calls a server and waits for its reply.
    ///
    /// Blocks the calling thread until the reply comes or the call fails:
    ///
    /// | [CallException#serverReason] | why the call failed |
    /// |---|---|
    /// | `noproc` | there is no such process |
    /// | `timeout` | no reply came in time |
    /// | `calling_self` | a process called itself |
    /// | [ExitReason.CallCycle] | the call would close a circle of servers that wait for each other |
    /// | `interrupted` | the calling thread was interrupted; its interrupt flag stays set |
    /// | any other | the server exited with this reason before it replied |
    ///
    /// After a timeout the server still handles the request. Its late reply is dropped and counted
    /// in [DeadLetters].
    ///
    /// If the server is idle and was started with [StartOption#nonBlocking], its callback runs on
    /// the calling thread. The timeout is then noticed only when the callback returns.
    ///
    /// Source: `GenServer.call/3`.
    ///
    /// @param server the server
    /// @param request the request
    /// @param timeout how long to wait, 0 or more; [#INFINITY] for no limit
    /// @param <R> the type of the reply
    /// @return the reply
    /// @throws CallException if the call fails, as above
    /// @throws ExitException if the calling process itself ends while it waits
    /// @throws IllegalArgumentException if the timeout is negative
    // Safe: a server answers a Call<R> with reply(Call<R>, R, state); the reply is null only if R
    // allows it.
    @SuppressWarnings({"unchecked", "NullAway"})
    static <R extends @Nullable Object> R call(
            ServerRef server, Call<R> request, Duration timeout) {
        return (R) ProcessRuntime.get().call(server, request, timeout);
    }

    /// Calls a server that takes the request, and waits up to 5 s for its reply. A request that the
    /// server does not take does not compile.
    ///
    /// @param server the server
    /// @param request the request
    /// @param <R> the type of the reply
    /// @param <Q> the type of the request
    /// @return the reply
    /// @throws CallException as [#call(ServerRef, Call, Duration)] does
    static <R extends @Nullable Object, Q extends Call<R>> R call(
            Server<? extends GenServer<?, ?, ? super Q, ?>> server, Q request) {
        return call(server.untyped(), request, DEFAULT_TIMEOUT);
    }

    /// Calls a server that takes the request, and waits for its reply. A request that the server
    /// does not take does not compile.
    ///
    /// @param server the server
    /// @param request the request
    /// @param timeout how long to wait, 0 or more; [#INFINITY] for no limit
    /// @param <R> the type of the reply
    /// @param <Q> the type of the request
    /// @return the reply
    /// @throws CallException as [#call(ServerRef, Call, Duration)] does
    static <R extends @Nullable Object, Q extends Call<R>> R call(
            Server<? extends GenServer<?, ?, ? super Q, ?>> server, Q request, Duration timeout) {
        return call(server.untyped(), request, timeout);
    }

    /// Calls a server with a request that does not name the type of its reply, and waits up to 5 s
    /// for the reply.
    ///
    /// @param server the server
    /// @param request the request
    /// @return the reply
    /// @throws CallException as [#call(ServerRef, Call, Duration)] does
    static @Nullable Object callUntyped(ServerRef server, Object request) {
        return ProcessRuntime.get().call(server, request, DEFAULT_TIMEOUT);
    }

    /// Calls a server with a request that does not name the type of its reply, and waits for the
    /// reply.
    ///
    /// @param server the server
    /// @param request the request
    /// @param timeout how long to wait, 0 or more; [#INFINITY] for no limit
    /// @return the reply
    /// @throws CallException as [#call(ServerRef, Call, Duration)] does
    /// @throws IllegalArgumentException if the timeout is negative
    static @Nullable Object callUntyped(ServerRef server, Object request, Duration timeout) {
        return ProcessRuntime.get().call(server, request, timeout);
    }

    /// Calls a server without waiting for its reply.
    ///
    /// The future is completed with the reply, or with the [CallException] that [#call(ServerRef,
    /// Call, Duration)] would throw. `join` and `get` of a future wrap it, as they always do. No
    /// thread waits for the reply. Any thread may call this method, and any thread may use the
    /// future.
    ///
    /// Code that depends on the future runs on a virtual thread that is no process. It acts on the
    /// caller's node, with the log context and the context class loader that the calling thread had
    /// at the call. If the future is cancelled, or completed by anybody else, the call is given up:
    /// a late reply is dropped and counted in [DeadLetters].
    ///
    /// @param server the server
    /// @param request the request
    /// @param timeout how long the call may take, 0 or more; [#INFINITY] for no limit
    /// @param <R> the type of the reply
    /// @return the reply or the failure
    /// @throws ExitException if the calling process has ended
    /// @throws IllegalArgumentException if the timeout is negative
    // Safe: a server answers a Call<R> with reply(Call<R>, R, state); the reply is null only if R
    // allows it.
    @SuppressWarnings({"unchecked", "NullAway"})
    static <R extends @Nullable Object> CompletableFuture<R> callAsync(
            ServerRef server, Call<R> request, Duration timeout) {
        return (CompletableFuture<R>) ProcessRuntime.get().callAsync(server, request, timeout);
    }

    /// Calls a server that takes the request without waiting for its reply, as
    /// [#callAsync(ServerRef, Call, Duration)] does.
    ///
    /// @param server the server
    /// @param request the request
    /// @param timeout how long the call may take, 0 or more; [#INFINITY] for no limit
    /// @param <R> the type of the reply
    /// @param <Q> the type of the request
    /// @return the reply or the failure
    static <R extends @Nullable Object, Q extends Call<R>> CompletableFuture<R> callAsync(
            Server<? extends GenServer<?, ?, ? super Q, ?>> server, Q request, Duration timeout) {
        return callAsync(server.untyped(), request, timeout);
    }

    /// Sends a server a request that needs no reply.
    ///
    /// Returns without waiting for the server. If the server is idle and was started with
    /// [StartOption#nonBlocking], and the caller is not a server itself, its callback runs first,
    /// on the calling thread.
    ///
    /// A cast does not fail: if there is no such server, the request is lost and counted in
    /// [DeadLetters]. Only a server with a limited mailbox may make the sender wait, or refuse the
    /// request, see [WhenFull].
    ///
    /// Source: `GenServer.cast/2`.
    ///
    /// @param server the server
    /// @param request the request
    /// @throws ExitException with [ExitReason#MAILBOX_FULL] if the mailbox of the server is full
    ///   and the server was started to refuse the request
    static void cast(ServerRef server, Object request) {
        ProcessRuntime.get().cast(server, request);
    }

    /// Sends a server a request that it takes and that needs no reply, as [#cast(ServerRef,
    /// Object)] does. A request that the server does not take does not compile.
    ///
    /// @param server the server
    /// @param request the request
    /// @param <Q> the type of the request
    static <Q> void cast(Server<? extends GenServer<?, ?, ?, ? super Q>> server, Q request) {
        cast(server.untyped(), request);
    }

    /// Casts to several servers. If some refuse the request because their mailboxes are full, the
    /// others still get it.
    ///
    /// Source: `GenServer.abcast/3`, with servers instead of nodes.
    ///
    /// @param servers the servers
    /// @param request the request
    /// @throws ExitException the first one that a cast has thrown, after all casts
    static void abcast(Collection<? extends ServerRef> servers, Object request) {
        ExitException first = null;
        for (ServerRef server : servers) {
            try {
                cast(server, request);
            } catch (ExitException refused) {
                first = first == null ? refused : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /// Casts to several servers that take the request, as [#abcast(Collection, Object)] does.
    ///
    /// @param servers the servers
    /// @param request the request
    /// @param <Q> the type of the request
    /// @throws ExitException the first one that a cast has thrown, after all casts
    static <Q> void abcast(
            Iterable<? extends Server<? extends GenServer<?, ?, ?, ? super Q>>> servers,
            Q request) {
        List<ServerRef> untyped = new ArrayList<>();
        servers.forEach(server -> untyped.add(server.untyped()));
        abcast(untyped, request);
    }

    /// Sends a call to a server and returns at once, without waiting for the reply.
    ///
    /// The request does not fail here. If there is no such server, or it ends, the response says
    /// so.
    ///
    /// Source: `gen_server:send_request/2`.
    ///
    /// @param server the server
    /// @param request the request
    /// @param <R> the type of the reply
    /// @return the handle to wait for the response with
    // Safe: a server answers a Call<R> with reply(Call<R>, R, state); the reply is null only if R
    // allows it.
    @SuppressWarnings({"unchecked", "NullAway"})
    static <R extends @Nullable Object> RequestId<R> sendRequest(
            ServerRef server, Call<R> request) {
        return (RequestId<R>) ProcessRuntime.get().sendRequest(server, request);
    }

    /// Sends a call to a server that takes the request, as [#sendRequest(ServerRef, Call)] does.
    ///
    /// @param server the server
    /// @param request the request
    /// @param <R> the type of the reply
    /// @param <Q> the type of the request
    /// @return the handle to wait for the response with
    static <R extends @Nullable Object, Q extends Call<R>> RequestId<R> sendRequest(
            Server<? extends GenServer<?, ?, ? super Q, ?>> server, Q request) {
        return sendRequest(server.untyped(), request);
    }

    /// Sends a call to a server with a request that does not name the type of its reply, as
    /// [#sendRequest(ServerRef, Call)] does.
    ///
    /// @param server the server
    /// @param request the request
    /// @return the handle to wait for the response with
    static RequestId<@Nullable Object> sendRequestUntyped(ServerRef server, Object request) {
        return ProcessRuntime.get().sendRequest(server, request);
    }

    /// Calls several servers at the same time and waits for all of them.
    ///
    /// Blocks the calling thread until each server has replied or failed, or the timeout passes.
    /// Late replies are dropped. A server that is listed twice is asked once.
    ///
    /// Source: `GenServer.multi_call/4`, with servers instead of nodes.
    ///
    /// @param servers the servers
    /// @param request the request
    /// @param timeout how long to wait for all of them together, 0 or more; [#INFINITY] for no
    ///   limit
    /// @param <R> the type of the replies
    /// @return the replies, and for each other server why it has none
    /// @throws ExitException if the calling process ends while it waits
    /// @throws IllegalArgumentException if the timeout is negative
    // Safe: a server answers a Call<R> with reply(Call<R>, R, state); the reply is null only if R
    // allows it.
    @SuppressWarnings({"unchecked", "NullAway"})
    static <R extends @Nullable Object> MultiCall<R> multiCall(
            Collection<? extends ServerRef> servers, Call<R> request, Duration timeout) {
        return (MultiCall<R>) ProcessRuntime.get().multiCall(servers, request, timeout);
    }

    /// Calls several servers that take the request, as [#multiCall(Collection, Call, Duration)]
    /// does.
    ///
    /// @param servers the servers
    /// @param request the request
    /// @param timeout how long to wait for all of them together, 0 or more; [#INFINITY] for no
    ///   limit
    /// @param <R> the type of the replies
    /// @param <Q> the type of the request
    /// @return the replies, and for each other server why it has none, by untyped reference
    static <R extends @Nullable Object, Q extends Call<R>> MultiCall<R> multiCall(
            Iterable<? extends Server<? extends GenServer<?, ?, ? super Q, ?>>> servers,
            Q request,
            Duration timeout) {
        List<ServerRef> untyped = new ArrayList<>();
        servers.forEach(server -> untyped.add(server.untyped()));
        return multiCall(untyped, request, timeout);
    }

    /// Answers a call whose callback returned [CastResult#noreply]. Any thread may call this.
    ///
    /// A second reply to the same call, or a reply after the caller gave up, is dropped and counted
    /// in [DeadLetters].
    ///
    /// Source: `GenServer.reply/2`.
    ///
    /// @param caller the result of [From#replyTo]
    /// @param reply the value for the caller
    /// @param <R> the type of the reply
    static <R extends @Nullable Object> void reply(ReplyTo<R> caller, R reply) {
        ProcessRuntime.get().reply(caller, reply);
    }

    /// Answers a call whose request does not name the type of its reply, as [#reply] does.
    ///
    /// @param caller the `from` that [#handleCall] got
    /// @param reply the value for the caller
    static void replyUntyped(Caller caller, @Nullable Object reply) {
        ProcessRuntime.get().reply(caller, reply);
    }

    /// Stops a server with the reason `normal` and waits, without limit, until it has ended.
    ///
    /// @param server the server
    /// @throws CallException as [#stop(ProcessRef, ExitReason, Duration)] does
    static void stop(ProcessRef server) {
        stop(server, ExitReason.NORMAL, INFINITY);
    }

    /// Stops a server and waits, without limit, until it has ended.
    ///
    /// @param server the server
    /// @param reason the exit reason
    /// @throws CallException as [#stop(ProcessRef, ExitReason, Duration)] does
    static void stop(ProcessRef server, ExitReason reason) {
        stop(server, reason, INFINITY);
    }

    /// Stops a server and waits until it has ended.
    ///
    /// The server first handles the messages that were queued before, then runs [#terminate],
    /// whether it traps exits or not. Without a timeout, `terminate` of an idle server may run on
    /// the calling thread.
    ///
    /// If the timeout passes, the server is not killed. It still stops when it reaches the request.
    ///
    /// Source: `GenServer.stop/3`.
    ///
    /// @param server the server
    /// @param reason the exit reason
    /// @param timeout how long to wait, 0 or more; [#INFINITY] for no limit
    /// @throws CallException if there is no such server, the server is the caller itself, it ended
    ///   with another reason, it did not end in time, or the calling thread is interrupted
    /// @throws ExitException if the calling process itself ends while it waits
    /// @throws IllegalArgumentException if the timeout is negative
    static void stop(ProcessRef server, ExitReason reason, Duration timeout) {
        ProcessRuntime.get().stop(server.untyped(), reason, timeout);
    }

    /// Finds the process that a reference refers to.
    ///
    /// Source: `GenServer.whereis/1`.
    ///
    /// For a name on another node this asks that node, and waits for at most 5 s. If the node is
    /// not connected, or is lost before it answers, no process has the name.
    ///
    /// @param server a pid, a name or a via reference
    /// @return the live process that has the name, or empty; a pid is returned as it is, whether
    ///   its process lives or not
    /// @throws ExitException if the other node does not answer
    static Optional<Pid> whereis(ProcessRef server) {
        return ProcessRuntime.get().whereis(server.untyped());
    }
}
