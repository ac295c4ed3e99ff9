package io.genserver;

import io.genserver.spi.ProcessRuntime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// What a process can do and what others can do to it: the functions of Elixir's `Process` module,
/// and `receive`.
///
/// A process has a mailbox, a [Pid], links and monitors, and runs on one thread at a time. Servers,
/// agents and supervisors are processes. [#spawn] starts a plain one:
///
/// ```java
/// Pid echo = Processes.spawn(() -> {
///     Ask ask = Processes.receive(Ask.class);
///     Processes.send(ask.from(), new Answer(ask.text()));
/// });
/// ```
///
/// ## Threads that are not processes
///
/// Any thread may send, cast, call, start servers and ask about processes. Some methods need a
/// mailbox or a link: [#self], [#receive], [#link], [#monitor], [#trapExits] and others. On a
/// thread that is not a process they throw [IllegalStateException]. [#attach] makes a thread a
/// process.
///
/// ## Exit signals
///
/// A process that ends sends an exit signal with its reason to every process it is linked with.
/// [#exit(Pid, ExitReason)] sends one by hand.
///
/// | reason | the receiver does not trap exits | the receiver traps exits |
/// |---|---|---|
/// | `normal` | nothing, unless it sent the signal to itself | it gets an [Exit] message |
/// | `kill`, sent by hand | it dies with `killed` | it dies with `killed` |
/// | `kill`, from a link | it dies with `kill` | it gets an [Exit] message |
/// | any other | it dies with the reason | it gets an [Exit] message |
///
/// A server that was started with [StartOption#terminateOnExit()] runs [GenServer#terminate] before
/// it ends. [#onExit] registers a clean-up that runs however a process ends.
///
/// A process that dies is dead for all others at once: its name is free, its callers get an answer,
/// and linked and monitoring processes get their messages. Its thread is interrupted. If that
/// thread keeps running code that ignores the interrupt, it cannot affect other processes: each
/// method here that does more than look something up or cancel a timer throws [ExitException] on
/// it.
///
/// ## Order
///
/// The messages that one process sends to another arrive in the order sent, and the news of its
/// death arrives after them. There is one exception: if a process is killed at the very moment when
/// it sends, that last message may arrive after its death. Nothing is promised about the order of
/// messages from different senders.
public final class Processes {

    private Processes() {}

    /// Returns the pid of the calling process. Source: `self/0`.
    ///
    /// @return its pid
    /// @throws IllegalStateException if the thread is not a process
    public static Pid self() {
        return ProcessRuntime.get().self();
    }

    /// Tells whether the calling thread is a process.
    ///
    /// @return whether the thread is a process
    public static boolean isProcess() {
        return ProcessRuntime.get().isProcess();
    }

    /// Returns what a log line says about the calling process: `pid`, and `registered_name` if it
    /// has a local name.
    ///
    /// The lines of logback and log4j2 have these entries in their MDC without configuration. This
    /// method is for adapters of other log libraries. It takes no lock, and it also works for a
    /// process that is dead.
    ///
    /// @return the entries, unmodifiable; empty if the thread is not a process
    public static Map<String, String> logEntries() {
        return ProcessRuntime.get().logEntries();
    }

    /// Starts a process without a link. Source: `spawn/1`.
    ///
    /// The process runs on a virtual thread of its own. If the body throws anything but an
    /// [ExitException], a crash report is logged.
    ///
    /// @param body the code of the process
    /// @return its pid
    public static Pid spawn(ProcessBody body) {
        return ProcessRuntime.get().spawn(body, false);
    }

    /// Starts a process that is linked to the calling process from its start on. Source:
    /// `spawn_link/1`.
    ///
    /// @param body the code of the process
    /// @return its pid
    /// @throws IllegalStateException if the thread is not a process
    public static Pid spawnLink(ProcessBody body) {
        return ProcessRuntime.get().spawn(body, true);
    }

    /// Starts a process that the calling process monitors from its start on. Source:
    /// `spawn_monitor/1`.
    ///
    /// @param body the code of the process
    /// @return its pid and the monitor
    /// @throws IllegalStateException if the thread is not a process
    public static Monitored spawnMonitor(ProcessBody body) {
        return ProcessRuntime.get().spawnMonitor(body);
    }

    /// A process together with a monitor on it.
    ///
    /// @param pid the process
    /// @param ref the monitor
    public record Monitored(Pid pid, Ref ref) {}

    /// Sends a message. Source: `send/2`.
    ///
    /// Returns without waiting for the receiver. If the receiver is an idle server that was started
    /// with [StartOption#nonBlocking], and the sender is not a server itself, the callback of the
    /// receiver runs first, on the calling thread.
    ///
    /// @param to the receiver; a message to a dead pid is lost and counted in [DeadLetters]
    /// @param message the message; do not change it afterwards
    /// @throws IllegalArgumentException if no process has the name
    /// @throws ExitException with [ExitReason#MAILBOX_FULL] if the mailbox of the receiver is full
    ///   and the receiver was started to refuse the message; see [WhenFull], which also says when
    ///   this method waits for room
    public static void send(ProcessRef to, Object message) {
        ProcessRuntime.get().send(to.untyped(), message);
    }

    /// Sends a message through an alias and returns at once. Source: `send/2`.
    ///
    /// If the alias has ended, the message is lost and counted in [DeadLetters].
    ///
    /// @param alias the result of [#alias()] or [#replyAlias()], or of [#monitor(ProcessRef,
    ///   MonitorOption...)] with an alias, of any process
    /// @param message the message; do not change it afterwards
    /// @throws IllegalArgumentException if the reference never was an alias
    public static void send(Ref alias, Object message) {
        ProcessRuntime.get().send(alias, message);
    }

    /// Makes an alias of the calling process: an address that it can take back.
    ///
    /// Messages to the alias arrive until [#unalias] ends it; later ones are dropped. Give an alias
    /// to a process that is to answer, so that an answer that comes too late does no harm. Source:
    /// `Process.alias/0`.
    ///
    /// @return the alias, for [#send(Ref, Object)]
    /// @throws IllegalStateException if the thread is not a process
    public static Ref alias() {
        return ProcessRuntime.get().alias(false);
    }

    /// Makes an alias of the calling process that ends with the first message through it. Source:
    /// `Process.alias([:reply])`.
    ///
    /// @return the alias, for [#send(Ref, Object)]
    /// @throws IllegalStateException if the thread is not a process
    public static Ref replyAlias() {
        return ProcessRuntime.get().alias(true);
    }

    /// Ends an alias of the calling process. Messages that came through it before stay in the
    /// mailbox; no further message arrives. Source: `Process.unalias/1`.
    ///
    /// @param alias the alias
    /// @return whether the alias was in force
    /// @throws IllegalArgumentException if it is not an alias of the calling process
    /// @throws IllegalStateException if the thread is not a process
    public static boolean unalias(Ref alias) {
        return ProcessRuntime.get().unalias(alias);
    }

    /// Waits without limit for the next message of any type. Source: `receive`.
    ///
    /// Calls and casts are skipped, as in [#receive(Match)].
    ///
    /// @return the message
    /// @throws ExitException as [#receive(Match)] does
    /// @throws IllegalStateException if the thread is not a process
    public static Object receive() {
        return receive(Match.type(Object.class));
    }

    /// Waits without limit for the first message of a type. Other messages stay in the mailbox.
    ///
    /// @param type the type
    /// @param <T> the type
    /// @return the message
    /// @throws ExitException as [#receive(Match)] does
    /// @throws IllegalStateException if the thread is not a process
    public static <T> T receive(Class<T> type) {
        return receive(Match.type(type));
    }

    /// Waits for the first message of a type. Other messages stay in the mailbox.
    ///
    /// @param type the type
    /// @param timeout how long to wait, 0 or more; with 0 only the messages in the mailbox count
    /// @param <T> the type
    /// @return the message, or empty if none came in time
    /// @throws ExitException as [#receive(Match)] does
    /// @throws IllegalArgumentException if the timeout is negative
    /// @throws IllegalStateException if the thread is not a process
    public static <T> Optional<T> receive(Class<T> type, Duration timeout) {
        return receive(Match.type(type), timeout);
    }

    /// Waits without limit for the first message that matches. Other messages stay in the mailbox.
    /// Source: `receive`.
    ///
    /// The calling thread blocks and runs the match. Calls and casts are not offered to the match
    /// and stay in the mailbox.
    ///
    /// @param match which message to take, and what to make of it
    /// @param <T> the type of the result
    /// @return the result of the match
    /// @throws ExitException if the calling process ends while it waits, or with `interrupted` if
    ///   the thread is interrupted while it waits; the interrupt flag stays set
    /// @throws IllegalStateException if the thread is not a process
    public static <T> T receive(Match<T> match) {
        return ProcessRuntime.get().receive(match, GenServer.INFINITY).orElseThrow();
    }

    /// Waits for the first message that matches. Other messages stay in the mailbox. Source:
    /// `receive ... after`.
    ///
    /// @param match which message to take, and what to make of it
    /// @param timeout how long to wait, 0 or more; with 0 only the messages in the mailbox count
    /// @param <T> the type of the result
    /// @return the result of the match, or empty if no message matched in time
    /// @throws ExitException as [#receive(Match)] does
    /// @throws IllegalArgumentException if the timeout is negative
    /// @throws IllegalStateException if the thread is not a process
    public static <T> Optional<T> receive(Match<T> match, Duration timeout) {
        return ProcessRuntime.get().receive(match, timeout);
    }

    /// Takes all messages out of the mailbox, except calls and casts. Source: `flush/0` of IEx.
    ///
    /// @return the messages in the order of arrival
    /// @throws IllegalStateException if the thread is not a process
    public static List<Object> flush() {
        return ProcessRuntime.get().flush();
    }

    /// Links the calling process and another process, in both directions. If they are linked
    /// already, nothing changes. Source: `Process.link/1`.
    ///
    /// A link to a process of another node always succeeds at first. If there is no such process,
    /// an exit signal with `noproc` follows; with [ExitReason#NOCONNECTION] if its node is not
    /// connected. When the connection is lost, the link breaks with that reason.
    ///
    /// @param pid the other process
    /// @throws ExitException with `noproc` if the other process is one of this JVM and dead, and
    ///   the caller does not trap exits; a caller that traps exits gets an [Exit] message instead
    /// @throws IllegalStateException if the thread is not a process
    public static void link(Pid pid) {
        ProcessRuntime.get().link(pid);
    }

    /// Removes the link with another process, if there is one. No exit signal comes over it
    /// afterwards; an [Exit] that is already in the mailbox stays. Source: `Process.unlink/1`.
    ///
    /// @param pid the other process
    /// @throws IllegalStateException if the thread is not a process
    public static void unlink(Pid pid) {
        ProcessRuntime.get().unlink(pid);
    }

    /// Monitors a process: the caller gets one [Down] message when it ends, or at once, with
    /// `noproc`, if there is no such process. If the process is on another node, the reason is
    /// [ExitReason#NOCONNECTION] when the connection is lost or there is none.
    ///
    /// Each call makes a new monitor. Source: `Process.monitor/1`.
    ///
    /// @param server the process, by pid or by name
    /// @return the monitor, which [Down] contains
    /// @throws IllegalStateException if the thread is not a process
    public static Ref monitor(ProcessRef server) {
        return ProcessRuntime.get().monitor(server.untyped());
    }

    /// Monitors a process with options. Source: `Process.monitor/2`.
    ///
    /// @param server the process, by pid or by name
    /// @param options an alias, a tag
    /// @return the monitor, which [Down] or [TaggedDown] contains
    /// @throws IllegalStateException if the thread is not a process
    public static Ref monitor(ProcessRef server, MonitorOption... options) {
        return ProcessRuntime.get().monitor(server.untyped(), options);
    }

    /// Removes a monitor. A [Down] that is already in the mailbox stays. Source:
    /// `Process.demonitor/1`.
    ///
    /// @param monitor a monitor of the calling process
    /// @return whether the monitor was in force
    /// @throws IllegalArgumentException if it is not a monitor of the calling process
    /// @throws IllegalStateException if the thread is not a process
    public static boolean demonitor(Ref monitor) {
        return ProcessRuntime.get().demonitor(monitor, false);
    }

    /// Removes a monitor, and its [Down] if that is already in the mailbox. Source:
    /// `Process.demonitor(ref, [:flush])`.
    ///
    /// @param monitor a monitor of the calling process
    /// @return whether the monitor was in force; if it was not, a `Down` in the mailbox was removed
    /// @throws IllegalArgumentException if it is not a monitor of the calling process
    /// @throws IllegalStateException if the thread is not a process
    public static boolean demonitorFlush(Ref monitor) {
        return ProcessRuntime.get().demonitor(monitor, true);
    }

    /// Returns a future that completes with the exit reason of a process when the process ends, or
    /// with `noproc` if there is no such process.
    ///
    /// Use it on threads that are not processes, which cannot [#monitor]. Any thread may call it,
    /// also a process. No message arrives in a mailbox, and no thread waits.
    ///
    /// The stages that depend on the future run on a virtual thread that is not a process. They
    /// have the log context, the node and the context class loader of the thread that called this
    /// method. A stage that is added when the future is complete runs on the thread that adds it,
    /// as with any [CompletableFuture].
    ///
    /// The process is dead when the future completes. Nothing is promised about the order in which
    /// futures complete and [Down] messages and the answers of failed calls arrive.
    ///
    /// Completing the future in another way ends the monitor: [CompletableFuture#cancel],
    /// `complete`, a timeout that `orTimeout` has set. Cancel the returned future itself, because
    /// cancelling a stage does not cancel the future it depends on. OTP has no counterpart.
    ///
    /// @param server the process, by pid or by name; a name is looked up once, by this call
    /// @return the future
    /// @throws ExitException if the thread is a process that is dead
    public static CompletableFuture<ExitReason> exitOf(ProcessRef server) {
        return ProcessRuntime.get().exitOf(server.untyped());
    }

    /// Registers a clean-up for the end of the calling process: it closes a resource, or runs any
    /// other function, when the process ends for whatever reason, even if it is killed.
    ///
    /// ```java
    /// ServerSocket port = new ServerSocket(8080);
    /// Processes.onExit(port);
    /// ```
    ///
    /// The clean-ups of a process run one after another, the last one registered first, on a
    /// virtual thread that is not a process. It has the log context, the node and the context class
    /// loader that the process had when it registered the clean-up. What a clean-up throws is
    /// logged and does not keep the others from running. A clean-up that never ends holds up those
    /// of the same process that were registered before it, and nothing else.
    ///
    /// They start as soon as the process is dead:
    ///
    /// - The thread of a killed process may still be running code of the process. Closing what that
    ///   code waits for often ends it. A clean-up must allow for code that still uses its resource.
    /// - Nothing waits for clean-ups. [Exit] and [Down] messages, the answers of failed calls and a
    ///   restart by the supervisor may come before they have ended, and so may the return of
    ///   [Node#close()] and the end of the JVM. A server that binds a port again when it is
    ///   restarted should therefore also close the port in [GenServer#terminate], which runs before
    ///   anyone learns of the exit; see [StartOption#terminateOnExit()].
    ///
    /// A clean-up can be run early or removed with the result. Registering the same resource twice
    /// makes two clean-ups. OTP has no counterpart: the BEAM itself closes ports and files with
    /// their owner.
    ///
    /// @param resource what to close; a lambda makes any function a clean-up
    /// @return the registration
    /// @throws ExitException if the process is dead; the clean-up then runs at once, on a virtual
    ///   thread
    /// @throws IllegalStateException if the thread is not a process
    public static Cleanup onExit(AutoCloseable resource) {
        return ProcessRuntime.get().onExit(resource);
    }

    /// Ends the calling process by an exception, unless that is caught. Source: `exit/1`.
    ///
    /// @param reason the exit reason
    /// @return never; declared so that `throw Processes.exit(reason)` can end a method that returns
    ///   a value
    /// @throws ExitException always
    @SuppressWarnings("DoNotCallSuggester") // its purpose is to throw
    public static ExitException exit(ExitReason reason) {
        throw new ExitException(reason);
    }

    /// Sends an exit signal; the table above shows its effect. Source: `Process.exit/2`.
    ///
    /// If the sending thread is not a process, the signal comes from `#PID<0.0.0>`.
    ///
    /// @param pid the receiver; if it is dead, nothing happens
    /// @param reason the reason
    /// @throws ExitException if the signal ends the calling process itself
    public static void exit(Pid pid, ExitReason reason) {
        ProcessRuntime.get().exit(pid, reason);
    }

    /// Chooses whether exit signals arrive in the calling process as [Exit] messages. Source:
    /// `Process.flag(:trap_exit, value)`.
    ///
    /// @param trap whether to trap exits from now on; every process starts with false
    /// @return the previous choice
    /// @throws IllegalStateException if the thread is not a process
    public static boolean trapExits(boolean trap) {
        return ProcessRuntime.get().trapExits(trap);
    }

    /// Gives a live process a name on this node. It keeps the name until it dies or is
    /// unregistered. Source: `Process.register/2`.
    ///
    /// @param pid the process
    /// @param name the name, not blank
    /// @throws IllegalArgumentException if the process is dead or has a name already, or if the
    ///   name is taken or blank
    public static void register(Pid pid, String name) {
        ProcessRuntime.get().register(pid, new Name(name));
    }

    /// Takes a name away from its process. Source: `Process.unregister/1`.
    ///
    /// @param name the name
    /// @throws IllegalArgumentException if no process has the name
    public static void unregister(String name) {
        ProcessRuntime.get().unregister(new Name(name));
    }

    /// Finds the process that has a name. Source: `Process.whereis/1`.
    ///
    /// @param name the name, not blank
    /// @return the live process, or empty
    /// @throws IllegalArgumentException if the name is blank
    public static Optional<Pid> whereis(String name) {
        return ProcessRuntime.get().whereis(new Name(name));
    }

    /// Returns the names in use. Source: `Process.registered/0`.
    ///
    /// @return the names, in no particular order
    public static List<String> registered() {
        return ProcessRuntime.get().registered();
    }

    /// Tells whether a process is alive. Once this is false, its name is free. Source:
    /// `Process.alive?/1`.
    ///
    /// @param pid the process, of a node of this JVM
    /// @return whether it is alive
    /// @throws IllegalArgumentException if the process is of another JVM; monitor it instead
    public static boolean isAlive(Pid pid) {
        return ProcessRuntime.get().isAlive(pid);
    }

    /// Sends a message after a delay. Source: `Process.send_after/3`.
    ///
    /// A timer for a pid is cancelled if its process dies before. If the process is dead already,
    /// the message is lost at once. A name is resolved when the timer fires; if no process has it
    /// then, the message is lost. Lost messages are counted in [DeadLetters].
    ///
    /// @param to the receiver
    /// @param message the message
    /// @param delay the delay, 0 or more; exact to about a millisecond, never early; with
    ///   [GenServer#INFINITY] the message is never sent
    /// @return the timer
    /// @throws IllegalArgumentException if the delay is negative
    public static Ref sendAfter(ProcessRef to, Object message, Duration delay) {
        return ProcessRuntime.get().startTimer(to.untyped(), delay, _ -> message);
    }

    /// Sends a message at a given time, as [#sendAfter] does after a delay. Source:
    /// `Process.send_after/4` with `abs: true`.
    ///
    /// @param to the receiver
    /// @param message the message
    /// @param time the time on the clock of [#monotonicTime], in ns; a time in the past means now
    /// @return the timer
    public static Ref sendAt(ProcessRef to, Object message, long time) {
        return ProcessRuntime.get().startTimerAt(to.untyped(), time, _ -> message);
    }

    /// Sends a [Timeout] after a delay, as [#sendAfter] does. The [Timeout] contains the timer, so
    /// the receiver can tell it from earlier ones. Source: `:erlang.start_timer/3`.
    ///
    /// @param to the receiver
    /// @param message the message inside the [Timeout]
    /// @param delay the delay, 0 or more; exact to about a millisecond, never early; with
    ///   [GenServer#INFINITY] the message is never sent
    /// @return the timer
    /// @throws IllegalArgumentException if the delay is negative
    public static Ref startTimer(ProcessRef to, Object message, Duration delay) {
        return ProcessRuntime.get()
                .startTimer(to.untyped(), delay, ref -> new Timeout(ref, message));
    }

    /// Sends a [Timeout] at a given time, as [#startTimer] does after a delay. Source:
    /// `:erlang.start_timer/4` with `abs`.
    ///
    /// @param to the receiver
    /// @param message the message inside the [Timeout]
    /// @param time the time on the clock of [#monotonicTime], in ns; a time in the past means now
    /// @return the timer
    public static Ref startTimerAt(ProcessRef to, Object message, long time) {
        return ProcessRuntime.get()
                .startTimerAt(to.untyped(), time, ref -> new Timeout(ref, message));
    }

    /// Sends a message periodically. The first one is sent when one period has passed. Returns at
    /// once.
    ///
    /// ```java
    /// Processes.sendEvery(Processes.self(), new Sweep(), Duration.ofMinutes(1), Pace.FIXED_RATE);
    /// ```
    ///
    /// The messages do not pile up behind a slow receiver: the next one is sent only after the
    /// receiver has taken the one before out of its mailbox. With [Pace#FIXED_RATE] those that come
    /// due in between are skipped.
    ///
    /// The timer ends
    ///
    /// - with [#cancelTimer]; no message is sent after it has returned, but one may be in the
    ///   mailbox;
    /// - when the receiver ends, if `to` is a pid;
    /// - when the process that has started the timer ends. A timer that a thread that is not a
    ///   process has started has no such end.
    ///
    /// A name is looked up for each message. While no process has the name, the messages are
    /// skipped, and each is counted in [DeadLetters]. So the timer goes on after a restart of the
    /// receiver.
    ///
    /// [#readTimer] and [#cancelTimer] return the time until the next message, which is 0 while the
    /// last one is in the mailbox, and empty once the timer has ended.
    ///
    /// Source: `timer:send_interval/3`, which piles up.
    ///
    /// @param to the receiver; for a dead pid, the message is counted in [DeadLetters] once and the
    ///   timer ends
    /// @param message the message; the same object each time, so it must not change
    /// @param period the time between two messages, more than 0; exact to about a millisecond,
    ///   never early
    /// @param pace from when the period counts
    /// @return the timer
    /// @throws IllegalArgumentException if the period is 0 or negative
    public static Ref sendEvery(ProcessRef to, Object message, Duration period, Pace pace) {
        return ProcessRuntime.get().startPeriodicTimer(to.untyped(), message, period, pace);
    }

    /// Blocks the calling thread for a time and leaves the mailbox as it is. Works on any thread.
    /// Source: `Process.sleep/1`.
    ///
    /// @param time how long, 0 or more; [GenServer#INFINITY] until the process ends
    /// @throws ExitException if the calling process ends while it sleeps, or with `interrupted` if
    ///   the thread is interrupted
    /// @throws IllegalArgumentException if the time is negative
    public static void sleep(Duration time) {
        ProcessRuntime.get().sleep(time);
    }

    /// Cancels a timer. Source: `Process.cancel_timer/1`.
    ///
    /// @param timer the timer
    /// @return the time that was left; empty if the timer had fired or was cancelled before, and
    ///   then its message may be in the mailbox
    /// @throws IllegalArgumentException if the reference is not a timer
    public static Optional<Duration> cancelTimer(Ref timer) {
        return ProcessRuntime.get().cancelTimer(timer);
    }

    /// Returns the time until a timer fires. Source: `Process.read_timer/1`.
    ///
    /// @param timer the timer
    /// @return the time left; empty if the timer has fired or was cancelled
    /// @throws IllegalArgumentException if the reference is not a timer
    public static Optional<Duration> readTimer(Ref timer) {
        return ProcessRuntime.get().readTimer(timer);
    }

    /// Returns the time of the runtime's clock, which measures timers, deadlines and restart
    /// periods. Source: `System.monotonic_time/0`.
    ///
    /// @return the time since an arbitrary origin, in ns; compare two times by subtraction
    public static long monotonicTime() {
        return ProcessRuntime.get().monotonicTime();
    }

    /// Returns what a process looks like now. Source: `Process.info/1`.
    ///
    /// Use it for debugging and in tests: it copies the mailbox and takes the stack of the thread.
    /// [#mailboxLength] only counts the messages.
    ///
    /// For a process of another node this asks that node, and waits for at most 5 s.
    ///
    /// @param pid the process
    /// @return the facts, or empty if the process is dead or its node is not connected
    /// @throws ExitException if the other node does not answer, or something in the facts may not
    ///   cross
    public static Optional<ProcessInfo> info(Pid pid) {
        return ProcessRuntime.get().info(pid);
    }

    /// Returns what a process looks like now, as [#info(Pid)] does, with the first messages of its
    /// mailbox only. So a long mailbox is not copied.
    ///
    /// @param pid a process of a node of this JVM
    /// @param messages how many messages to look at, 0 or more
    /// @return the facts, or empty if the process is dead
    /// @throws IllegalArgumentException if the number is negative, or the process is of another JVM
    public static Optional<ProcessInfo> info(Pid pid, int messages) {
        return ProcessRuntime.get().info(pid, atLeastNone(messages));
    }

    private static int atLeastNone(int messages) {
        if (messages < 0) {
            throw new IllegalArgumentException("expected a limit of 0 or more, got: " + messages);
        }
        return messages;
    }

    /// Returns how many messages are in the mailbox of a process. Source: `message_queue_len` of
    /// `Process.info/2`.
    ///
    /// Takes the same short time whatever the length, and any thread may ask. All messages count,
    /// also the runtime's own and those that a `receive` has passed over. The number is exact while
    /// no thread sends to the process and the process takes no message. Otherwise it may be off by
    /// the messages that are being sent or taken at this moment.
    ///
    /// @param process the process
    /// @return the number; empty if the process is dead, or no process has the name
    public static OptionalInt mailboxLength(ProcessRef process) {
        return ProcessRuntime.get().mailboxLength(process.untyped());
    }

    /// Returns the first messages in the mailbox of a process, oldest first. Source: `messages` of
    /// `Process.info/2`.
    ///
    /// The mailbox is not copied, so this takes a time that depends on the limit only. Messages of
    /// the runtime itself count and are not shown. A message that is sent or taken at this moment
    /// may be missing.
    ///
    /// @param pid a process of this node
    /// @param limit how many messages to look at, 0 or more
    /// @return the messages, as in [ProcessInfo#messages]; empty if the process is dead
    /// @throws IllegalArgumentException if the limit is negative
    public static List<Object> messages(Pid pid, int limit) {
        return ProcessRuntime.get().messages(pid, atLeastNone(limit));
    }

    /// Shows the figures of each live process to a visitor, in no order.
    ///
    /// A visit takes no lock that a process needs and copies no mailbox. It takes a fraction of a
    /// second for a million processes. [#top] finds those that stand out.
    ///
    /// @param visitor runs on the current thread
    public static void visit(Consumer<? super ProcessSummary> visitor) {
        ProcessRuntime.get().visit(visitor);
    }

    /// Returns the processes with the highest values. Source: `:recon.proc_count/2`.
    ///
    /// ```java
    /// Processes.top(ProcessMeasure.MESSAGE_QUEUE_LENGTH, 10).forEach(System.out::println);
    /// ```
    ///
    /// @param measure the value to compare by
    /// @param count how many processes to return at most, 0 or more
    /// @return the processes, the one with the highest value first; without those whose value is 0
    /// @throws IllegalArgumentException if the count is negative
    public static List<ProcessMeasure.Ranked> top(ProcessMeasure measure, int count) {
        Top top = new Top(count);
        visit(process -> top.offer(process, measure.of(process)));
        return top.list();
    }

    /// Returns the processes whose values grow most within a time. So it finds those that are busy
    /// now, while [#top(ProcessMeasure, int)] by [ProcessMeasure#HANDLED] finds those that are old.
    /// Source: `:recon.proc_window/3`.
    ///
    /// Waits for the time.
    ///
    /// @param measure the value to compare by
    /// @param count how many processes to return at most, 0 or more
    /// @param window the time
    /// @return the processes, the one that grew most first; without those that did not grow
    /// @throws IllegalArgumentException if the count or the window is negative
    public static List<ProcessMeasure.Ranked> top(
            ProcessMeasure measure, int count, Duration window) {
        Top top = new Top(count);
        Map<Pid, Long> before = new HashMap<>();
        visit(process -> before.put(process.pid(), measure.of(process)));
        sleep(window);
        visit(process ->
                top.offer(
                        process,
                        measure.growth(
                                before.getOrDefault(process.pid(), 0L), measure.of(process))));
        return top.list();
    }

    /// Returns the live processes. Source: `Process.list/0`.
    ///
    /// @return their pids, the oldest first
    public static List<Pid> list() {
        return ProcessRuntime.get().list();
    }

    /// The key of the process dictionary that holds the list of [#callers].
    public static final String CALLERS = "$callers";

    /// Puts a value into the process dictionary, a map that belongs to the calling process. Source:
    /// `Process.put/2`.
    ///
    /// The dictionary is for values that concern all code in the process but do not belong to its
    /// state, such as the locale of a request.
    ///
    /// @param key the key
    /// @param value the value
    /// @return the previous value, or empty
    /// @throws IllegalStateException if the thread is not a process
    public static Optional<Object> put(Object key, Object value) {
        return ProcessRuntime.get().put(key, value);
    }

    /// Returns a value of the process dictionary of the calling process. Source: `Process.get/1`.
    ///
    /// @param key the key
    /// @return the value, or empty
    /// @throws IllegalStateException if the thread is not a process
    public static Optional<Object> get(Object key) {
        return Optional.ofNullable(ProcessRuntime.get().dictionary().get(key));
    }

    /// Removes a value from the process dictionary of the calling process. Source:
    /// `Process.delete/1`.
    ///
    /// @param key the key
    /// @return the removed value, or empty
    /// @throws IllegalStateException if the thread is not a process
    public static Optional<Object> delete(Object key) {
        return ProcessRuntime.get().delete(key);
    }

    /// Returns a copy of the process dictionary of the calling process. Source: `Process.get/0`,
    /// and `Process.get_keys/0` with `keySet()`.
    ///
    /// @return a copy
    /// @throws IllegalStateException if the thread is not a process
    public static Map<Object, Object> dictionary() {
        return ProcessRuntime.get().dictionary();
    }

    /// Returns the ancestors of the calling process: the process that started it, the one that
    /// started that, and so on. Source: `$ancestors` of `proc_lib`.
    ///
    /// @return each ancestor by the name it had then, or by its pid if it had none; empty for a
    ///   process of [#spawn] or [#attach], and for one that was started by a thread that is not a
    ///   process
    /// @throws IllegalStateException if the thread is not a process
    public static List<ServerRef> ancestors() {
        return ProcessRuntime.get().ancestors();
    }

    /// Returns the processes on whose behalf the calling process works: the owner of a task, the
    /// callers of that owner, and so on. Source: `$callers`.
    ///
    /// @return the pids, the nearest first; empty if nothing was put under [#CALLERS]
    /// @throws IllegalStateException if the thread is not a process
    @SuppressWarnings("unchecked") // the type of the value under this key
    public static List<Pid> callers() {
        return (List<Pid>) get(CALLERS).orElse(List.of());
    }

    /// Gives the calling process a label, which crash reports and [#info] show. Source:
    /// `Process.set_label/1`.
    ///
    /// A label tells one of many similar processes from the others, such as by the id of an order.
    /// Labels need not be unique.
    ///
    /// @param label the label
    /// @throws IllegalStateException if the thread is not a process
    public static void setLabel(Object label) {
        ProcessRuntime.get().setLabel(label);
    }

    /// Returns the label of the calling process. Source: `Process.get_label/0`.
    ///
    /// @return the label, or empty
    /// @throws IllegalStateException if the thread is not a process
    public static Optional<Object> getLabel() {
        return getLabel(self());
    }

    /// Returns the label of a process. Source: `Process.get_label/1`.
    ///
    /// @param pid the process
    /// @return the label, or empty if the process has none or is dead
    public static Optional<Object> getLabel(Pid pid) {
        return ProcessRuntime.get().label(pid);
    }

    /// Makes the calling thread a process until the result is closed.
    ///
    /// The thread gets a mailbox and may link, monitor and receive. An exit signal that it does not
    /// trap interrupts it.
    ///
    /// ```java
    /// try (Attachment _ = Processes.attach()) {
    ///     Ref monitor = Processes.monitor(server.untyped());
    ///     GenServer.stop(server);
    ///     Down down = Processes.receive(Down.class);
    /// }
    /// ```
    ///
    /// @return the attachment; close it on the same thread
    /// @throws IllegalStateException if the thread is already a process
    public static Attachment attach() {
        return ProcessRuntime.get().attach();
    }
}
