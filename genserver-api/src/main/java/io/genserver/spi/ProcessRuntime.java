package io.genserver.spi;

import io.genserver.Attachment;
import io.genserver.Caller;
import io.genserver.Cleanup;
import io.genserver.DeadLetter;
import io.genserver.DeadLetters;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Match;
import io.genserver.MonitorOption;
import io.genserver.MonitoredStart;
import io.genserver.MultiCall;
import io.genserver.Name;
import io.genserver.Node;
import io.genserver.Pace;
import io.genserver.Pid;
import io.genserver.ProcessBody;
import io.genserver.ProcessInfo;
import io.genserver.ProcessSummary;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.RequestId;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a runtime provides. Each method does what [Processes], [GenServer] and the other classes of
/// the API document for the methods that are named here; those only pass their arguments on.
///
/// [java.util.ServiceLoader] finds the provider, as it finds the provider of slf4j.
public interface ProcessRuntime {

    /// Returns the runtime on the class path or the module path.
    ///
    /// @return the one provider
    /// @throws IllegalStateException if there is none or more than one
    static ProcessRuntime get() {
        return LoadedRuntime.get();
    }

    /// See [Processes#self].
    ///
    /// @return the pid
    Pid self();

    /// See [Processes#isProcess].
    ///
    /// @return whether the calling thread is a process
    boolean isProcess();

    /// See [Processes#logEntries].
    ///
    /// @return the entries
    Map<String, String> logEntries();

    /// See [Processes#spawn] and [Processes#spawnLink].
    ///
    /// @param body the code of the process
    /// @param link whether to link it to the calling process
    /// @return the pid
    Pid spawn(ProcessBody body, boolean link);

    /// See [io.genserver.ProcLib].
    ///
    /// @param initialCall the name of the code it runs
    /// @param body the code of the process
    /// @param link whether to link it to the calling process
    /// @return the pid
    Pid spawn(String initialCall, ProcessBody body, boolean link);

    /// See [Processes#spawnMonitor].
    ///
    /// @param body the code of the process
    /// @return the pid and the monitor
    Processes.Monitored spawnMonitor(ProcessBody body);

    /// See [Processes#send(ServerRef, Object)].
    ///
    /// @param to the receiver
    /// @param message the message
    void send(ServerRef to, Object message);

    /// See [Processes#send(Ref, Object)].
    ///
    /// @param alias the alias
    /// @param message the message
    void send(Ref alias, Object message);

    /// See [Processes#alias] and [Processes#replyAlias].
    ///
    /// @param reply whether the alias ends with the first message
    /// @return the alias
    Ref alias(boolean reply);

    /// See [Processes#unalias].
    ///
    /// @param alias the alias
    /// @return whether the alias was in force
    boolean unalias(Ref alias);

    /// See [Processes#receive(Match, Duration)].
    ///
    /// @param match which message to take, and what to make of it
    /// @param timeout how long to wait
    /// @param <T> the type of the result
    /// @return the result of the match, or empty
    <T> Optional<T> receive(Match<T> match, Duration timeout);

    /// See [Processes#flush].
    ///
    /// @return the messages
    List<Object> flush();

    /// See [Processes#link].
    ///
    /// @param pid the other process
    void link(Pid pid);

    /// See [Processes#unlink].
    ///
    /// @param pid the other process
    void unlink(Pid pid);

    /// See [Processes#monitor(ServerRef, MonitorOption...)].
    ///
    /// @param server the process
    /// @param options the options
    /// @return the monitor
    Ref monitor(ServerRef server, MonitorOption... options);

    /// See [Processes#demonitor] and [Processes#demonitorFlush].
    ///
    /// @param monitor the monitor
    /// @param flush whether to remove its [io.genserver.Down] as well
    /// @return whether the monitor was in force
    boolean demonitor(Ref monitor, boolean flush);

    /// See [Processes#exitOf].
    ///
    /// @param server the process
    /// @return the future
    CompletableFuture<ExitReason> exitOf(ServerRef server);

    /// See [Processes#onExit].
    ///
    /// @param resource what to close
    /// @return the registration
    Cleanup onExit(AutoCloseable resource);

    /// See [Processes#exit(Pid, ExitReason)].
    ///
    /// @param pid the receiver
    /// @param reason the reason
    void exit(Pid pid, ExitReason reason);

    /// See [Processes#trapExits].
    ///
    /// @param trap whether to trap exits
    /// @return the previous choice
    boolean trapExits(boolean trap);

    /// See [Processes#register].
    ///
    /// @param pid the process
    /// @param name the name
    void register(Pid pid, Name name);

    /// See [Processes#unregister].
    ///
    /// @param name the name
    void unregister(Name name);

    /// See [GenServer#whereis] and [Processes#whereis].
    ///
    /// @param server the reference
    /// @return the process, or empty
    Optional<Pid> whereis(ServerRef server);

    /// See [Processes#registered].
    ///
    /// @return the names
    List<String> registered();

    /// See [Processes#isAlive].
    ///
    /// @param pid the process
    /// @return whether it is alive
    boolean isAlive(Pid pid);

    /// Returns whether a process is a server of this JVM, and not one that runs a function from its
    /// start to its end. The name of the code that a server runs is always that of a class.
    ///
    /// @param pid the process
    /// @return whether it is a server that is alive
    boolean isServer(Pid pid);

    /// See [Processes#sendAfter] and [Processes#startTimer].
    ///
    /// @param to the receiver
    /// @param delay the delay
    /// @param message makes the message from the timer; runs before the timer starts
    /// @return the timer
    Ref startTimer(ServerRef to, Duration delay, Function<Ref, Object> message);

    /// See [Processes#sendAt] and [Processes#startTimerAt].
    ///
    /// @param to the receiver
    /// @param time the time on the clock of [#monotonicTime], in ns
    /// @param message makes the message from the timer; runs before the timer starts
    /// @return the timer
    Ref startTimerAt(ServerRef to, long time, Function<Ref, Object> message);

    /// See [Processes#sleep].
    ///
    /// @param time how long
    void sleep(Duration time);

    /// See [Processes#put].
    ///
    /// @param key the key
    /// @param value the value
    /// @return the previous value, or empty
    Optional<Object> put(Object key, Object value);

    /// See [Processes#delete].
    ///
    /// @param key the key
    /// @return the removed value, or empty
    Optional<Object> delete(Object key);

    /// See [Processes#dictionary] and [Processes#get].
    ///
    /// @return a copy
    Map<Object, Object> dictionary();

    /// Sets what others may read of the calling process while it is busy, in place of what was set
    /// before. It is for libraries; a supervisor publishes its children.
    ///
    /// @param view an object that any thread may use
    void publish(Object view);

    /// Returns what a process has published.
    ///
    /// @param pid a process of this node
    /// @return the object; empty if the process has published nothing, or is dead
    Optional<Object> published(Pid pid);

    /// See [Processes#ancestors].
    ///
    /// @return the ancestors
    List<ServerRef> ancestors();

    /// See [Processes#setLabel].
    ///
    /// @param label the label
    void setLabel(Object label);

    /// See [Processes#getLabel(Pid)].
    ///
    /// @param pid the process
    /// @return the label, or empty
    Optional<Object> label(Pid pid);

    /// See [Processes#sendEvery].
    ///
    /// @param to the receiver
    /// @param message the message
    /// @param period the period
    /// @param pace from when the period counts
    /// @return the timer
    Ref startPeriodicTimer(ServerRef to, Object message, Duration period, Pace pace);

    /// See [Processes#cancelTimer].
    ///
    /// @param timer the timer
    /// @return the time left, or empty
    Optional<Duration> cancelTimer(Ref timer);

    /// See [Processes#readTimer].
    ///
    /// @param timer the timer
    /// @return the time left, or empty
    Optional<Duration> readTimer(Ref timer);

    /// See [Processes#monotonicTime].
    ///
    /// @return the time, in ns
    long monotonicTime();

    /// See [Processes#info].
    ///
    /// @param pid the process
    /// @return the facts, or empty
    Optional<ProcessInfo> info(Pid pid);

    /// See [Processes#info(Pid, int)].
    ///
    /// @param pid the process
    /// @param messages how many messages to look at
    /// @return the facts, or empty
    Optional<ProcessInfo> info(Pid pid, int messages);

    /// See [Processes#mailboxLength].
    ///
    /// @param process the process
    /// @return the number of messages, or empty
    OptionalInt mailboxLength(ServerRef process);

    /// See [Processes#messages].
    ///
    /// @param pid the process
    /// @param limit how many messages to return at most
    /// @return the messages
    List<Object> messages(Pid pid, int limit);

    /// See [Processes#visit].
    ///
    /// @param visitor the visitor
    void visit(Consumer<? super ProcessSummary> visitor);

    /// See [Processes#list].
    ///
    /// @return the live processes
    List<Pid> list();

    /// See [Processes#attach].
    ///
    /// @return the attachment
    Attachment attach();

    /// See [GenServer#startLink] and [GenServer#start].
    ///
    /// @param server makes the server
    /// @param argument the argument of `init`
    /// @param link whether to link the server to the caller, if the caller is a process
    /// @param options the options
    /// @param <A> the type of the argument
    /// @param <G> the class of the server
    /// @return how the start went
    <A, G extends GenServer<A, ?, ?, ?>> Start<G> start(
            Supplier<? extends G> server, A argument, boolean link, StartOption... options);

    /// Starts a server as the child of another process, without waiting for its `init`. The server
    /// is linked to that process, which gets an exit signal also if `init` fails.
    ///
    /// @param parent the process to link the server to
    /// @param server makes the server; runs in the new process
    /// @param argument the argument of `init`
    /// @param options the options, without a name
    /// @param <A> the type of the argument
    /// @return the pid of the server; empty if the parent has ended
    <A> Optional<Pid> startUnder(
            Pid parent,
            Supplier<? extends GenServer<A, ?, ?, ?>> server,
            A argument,
            StartOption... options);

    /// See [GenServer#startMonitor].
    ///
    /// @param server makes the server
    /// @param argument the argument of `init`
    /// @param options the options
    /// @param <A> the type of the argument
    /// @param <G> the class of the server
    /// @return how the start went
    <A, G extends GenServer<A, ?, ?, ?>> MonitoredStart<G> startMonitor(
            Supplier<? extends G> server, A argument, StartOption... options);

    /// See [GenServer#sendRequestUntyped].
    ///
    /// @param server the server
    /// @param request the request
    /// @return the handle to wait for the response with
    RequestId<@Nullable Object> sendRequest(ServerRef server, Object request);

    /// See [GenServer#multiCall].
    ///
    /// @param servers the servers
    /// @param request the request
    /// @param timeout how long to wait for all of them
    /// @return the replies and failures
    MultiCall<@Nullable Object> multiCall(
            Collection<? extends ServerRef> servers, Object request, Duration timeout);

    /// Waits until one of several requests has its response, for
    /// [io.genserver.RequestIdCollection].
    ///
    /// @param requests the requests, all sent by the calling process or thread
    /// @param timeout how long to wait
    /// @param <T> the type of the requests
    /// @return the request that has its response, or empty if none came in time
    <T extends RequestId<?>> Optional<T> awaitAny(Collection<T> requests, Duration timeout);

    /// See [GenServer#callUntyped(ServerRef, Object, Duration)].
    ///
    /// @param server the server
    /// @param request the request
    /// @param timeout how long to wait
    /// @return the reply
    @Nullable Object call(ServerRef server, Object request, Duration timeout);

    /// See [GenServer#callAsync(ServerRef, Call, Duration)].
    ///
    /// @param server the server
    /// @param request the request
    /// @param timeout how long the call may take
    /// @return the reply or the failure
    CompletableFuture<@Nullable Object> callAsync(
            ServerRef server, Object request, Duration timeout);

    /// See [GenServer#cast].
    ///
    /// @param server the server
    /// @param request the request
    void cast(ServerRef server, Object request);

    /// See [GenServer#replyUntyped].
    ///
    /// @param caller the caller that waits
    /// @param reply the reply
    void reply(Caller caller, @Nullable Object reply);

    /// See [GenServer#stop(ServerRef, ExitReason, Duration)].
    ///
    /// @param server the server
    /// @param reason the exit reason
    /// @param timeout how long to wait
    void stop(ServerRef server, ExitReason reason, Duration timeout);

    /// See [RuntimeListener#add].
    ///
    /// @param listener the listener
    /// @return the subscription
    RuntimeListener.Subscription listen(RuntimeListener listener);

    /// Returns a listener that passes everything on to all listeners. It is for libraries that
    /// cause events themselves, as supervisors do.
    ///
    /// @return the listener; null while there is none to pass anything on to
    @Nullable RuntimeListener listeners();

    /// See [TurnListener#add].
    ///
    /// @param listener the listener
    /// @return the subscription
    RuntimeListener.Subscription listen(TurnListener listener);

    /// See [DeadLetters#listen].
    ///
    /// @param listener the listener
    /// @return the registration
    DeadLetters.Subscription onDeadLetter(Consumer<DeadLetter> listener);

    /// See [DeadLetters#counts].
    ///
    /// @return the counts
    Map<DeadLetter.Reason, Long> deadLetterCounts();

    /// See [io.genserver.Sys].
    ///
    /// @param server the server
    /// @param request the system request
    /// @param timeout how long to wait
    /// @return the answer; [io.genserver.Ok#OK] if there is nothing to return
    Object system(ServerRef server, SystemRequest request, Duration timeout);

    /// Starts a node.
    ///
    /// @param name its name, or null for one that the runtime makes
    /// @return the node
    /// @throws IllegalArgumentException if the name is blank or taken
    Node startNode(@Nullable String name);

    /// Starts a node that runs on a machine. Only the machine's threads may use its processes.
    ///
    /// @param name its name, or null for one that the runtime makes
    /// @param machine what it runs on
    /// @return the node
    /// @throws IllegalArgumentException if the name is blank or taken
    Node startNode(@Nullable String name, Machine machine);

    /// Returns the node that the current thread acts on.
    ///
    /// @return the node
    Node currentNode();

    /// Returns the node of all threads that are bound to no other.
    ///
    /// @return the node
    Node defaultNode();
}
