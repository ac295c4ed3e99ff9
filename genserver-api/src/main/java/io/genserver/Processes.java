package io.genserver;

import io.genserver.spi.ProcessRuntime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a process can do, and what can be done to it: the functions of Elixir's `Process` module
/// and the `receive` of the language.
///
/// A process runs on one thread at a time, and has a mailbox, a [Pid], links and monitors. Servers,
/// agents and supervisors are processes, and so is what [#spawn] starts:
///
/// ```java
/// Pid echo = Processes.spawn(() -> {
///     Ask ask = Processes.receive(Ask.class);
///     Processes.send(ask.from(), new Answer(ask.text()));
/// });
/// ```
///
/// ## Threads that are no process
///
/// Any thread may send, cast, call, start servers and ask about processes. What needs a mailbox or
/// a link of one's own ([#self], [#receive], [#link], [#monitor], [#trapExits]) throws
/// [IllegalStateException] on such a thread until it has become a process with [#attach].
///
/// ## Exit signals
///
/// A process that ends sends an exit signal with its reason to every process it is linked with;
/// [#exit(Pid, ExitReason)] sends one by hand.
///
/// | reason | the receiver does not trap exits | it does |
/// |---|---|---|
/// | `normal` | nothing, unless it sent the signal to itself | an [Exit] message |
/// | `kill`, sent by hand | it dies, `killed` | it dies, `killed` |
/// | `kill`, from a link | it dies, `kill` | an [Exit] message |
/// | any other | it dies with the reason | an [Exit] message |
///
/// Death is immediate for everybody: the name is free, callers have their answer and linked and
/// monitoring processes know, even if the thread of the dead process is stuck in code that does not
/// react to its interruption. From then on every method here throws [ExitException] on that thread.
///
/// ## Order
///
/// What one process sends another arrives in the order sent, and its death after that. Nothing is
/// promised between different senders. (A process that is killed by another at the very moment it
/// sends may have its last message arrive after its death.)
public final class Processes {

    private Processes() {}

    /// The calling process. Source: `self/0`.
    ///
    /// @return its pid
    /// @throws IllegalStateException if the thread is no process
    public static Pid self() {
        return ProcessRuntime.get().self();
    }

    /// Whether the calling thread is a process.
    ///
    /// @return whether it may do what needs a mailbox of one's own
    public static boolean isProcess() {
        return ProcessRuntime.get().isProcess();
    }

    /// Starts a process without a link. Source: `spawn/1`.
    ///
    /// @param body what it runs
    /// @return its pid
    public static Pid spawn(ProcessBody body) {
        return ProcessRuntime.get().spawn(body, false);
    }

    /// Starts a process linked to the calling one, as one step. Source: `spawn_link/1`.
    ///
    /// @param body what it runs
    /// @return its pid
    /// @throws IllegalStateException if the thread is no process
    public static Pid spawnLink(ProcessBody body) {
        return ProcessRuntime.get().spawn(body, true);
    }

    /// Starts a process and monitors it, as one step. Source: `spawn_monitor/1`.
    ///
    /// @param body what it runs
    /// @return its pid and the monitor
    /// @throws IllegalStateException if the thread is no process
    public static Monitored spawnMonitor(ProcessBody body) {
        return ProcessRuntime.get().spawnMonitor(body);
    }

    /// A process together with a monitor on it.
    ///
    /// @param pid the process
    /// @param ref the monitor
    public record Monitored(Pid pid, Ref ref) {}

    /// Sends a message and returns at once. Source: `send/2`.
    ///
    /// @param to the receiver; a message to a dead pid is lost
    /// @param message the message, not to be changed afterwards
    /// @throws IllegalArgumentException if no process has the name
    public static void send(ServerRef to, Object message) {
        ProcessRuntime.get().send(to, message);
    }

    /// Sends a message through an alias and returns at once; it vanishes if the alias has ended.
    /// Source: `send/2`.
    ///
    /// @param alias what [#alias()] or a [#monitor(ServerRef, MonitorOption...)] with an alias
    ///   returned, to whichever process
    /// @param message the message, not to be changed afterwards
    /// @throws IllegalArgumentException if the reference never was an alias
    public static void send(Ref alias, Object message) {
        ProcessRuntime.get().send(alias, message);
    }

    /// Makes an address of the calling process that can be taken back: what is sent to it arrives
    /// here until [#unalias], and vanishes from then on. Give it to whoever is to answer, and an
    /// answer that comes too late is no trouble. Source: `Process.alias/0`.
    ///
    /// @return the alias, for [#send(Ref, Object)]
    /// @throws IllegalStateException if the thread is no process
    public static Ref alias() {
        return ProcessRuntime.get().alias(false);
    }

    /// Makes an alias that ends with the first message sent through it. Source:
    /// `Process.alias([:reply])`.
    ///
    /// @return the alias, for [#send(Ref, Object)]
    /// @throws IllegalStateException if the thread is no process
    public static Ref replyAlias() {
        return ProcessRuntime.get().alias(true);
    }

    /// Ends an alias of the calling process. Messages that came through it before stay in the
    /// mailbox; none arrives after this. Source: `Process.unalias/1`.
    ///
    /// @param alias the alias
    /// @return whether it was in force
    /// @throws IllegalArgumentException if it is no alias of the calling process
    /// @throws IllegalStateException if the thread is no process
    public static boolean unalias(Ref alias) {
        return ProcessRuntime.get().unalias(alias);
    }

    /// Waits for the next message, whatever it is. Source: `receive`.
    ///
    /// @return the message
    /// @throws IllegalStateException if the thread is no process
    public static Object receive() {
        return receive(Match.type(Object.class));
    }

    /// Waits for the first message of a type; others stay in the mailbox.
    ///
    /// @param type the type
    /// @param <T> the type
    /// @return the message
    /// @throws IllegalStateException if the thread is no process
    public static <T> T receive(Class<T> type) {
        return receive(Match.type(type));
    }

    /// Waits for the first message of a type; others stay in the mailbox.
    ///
    /// @param type the type
    /// @param timeout how long to wait, 0 or more; 0 looks only at what is there
    /// @param <T> the type
    /// @return the message, or empty if none came in time
    /// @throws IllegalStateException if the thread is no process
    public static <T> Optional<T> receive(Class<T> type, Duration timeout) {
        return receive(Match.type(type), timeout);
    }

    /// Waits for the first message that matches; others stay in the mailbox. Source: `receive`.
    ///
    /// @param match which message, and what to make of it
    /// @param <T> what is made of it
    /// @return what the match made of the message
    /// @throws IllegalStateException if the thread is no process
    public static <T> T receive(Match<T> match) {
        return ProcessRuntime.get().receive(match, GenServer.INFINITY).orElseThrow();
    }

    /// Waits for the first message that matches; others stay in the mailbox. Source: `receive ...
    /// after`.
    ///
    /// @param match which message, and what to make of it
    /// @param timeout how long to wait, 0 or more; 0 looks only at what is there
    /// @param <T> what is made of it
    /// @return what the match made of the message, or empty if none came in time
    /// @throws IllegalStateException if the thread is no process
    /// @throws IllegalArgumentException if the timeout is negative
    public static <T> Optional<T> receive(Match<T> match, Duration timeout) {
        return ProcessRuntime.get().receive(match, timeout);
    }

    /// Takes all messages out of the mailbox. Source: `flush/0` of IEx.
    ///
    /// @return the messages in the order of arrival
    /// @throws IllegalStateException if the thread is no process
    public static List<Object> flush() {
        return ProcessRuntime.get().flush();
    }

    /// Links the calling process with another, in both directions; once however often it is called.
    ///
    /// Source: `Process.link/1`.
    ///
    /// @param pid the other process
    /// @throws ExitException with `noproc` if the other is dead and the caller does not trap exits;
    ///   if it does, it gets an [Exit] message instead
    /// @throws IllegalStateException if the thread is no process
    public static void link(Pid pid) {
        ProcessRuntime.get().link(pid);
    }

    /// Removes the link with another process, if there is one. No exit signal comes over it any
    /// more; an [Exit] already in the mailbox stays. Source: `Process.unlink/1`.
    ///
    /// @param pid the other process
    /// @throws IllegalStateException if the thread is no process
    public static void unlink(Pid pid) {
        ProcessRuntime.get().unlink(pid);
    }

    /// Asks for one [Down] message when a process ends; at once, with `noproc`, if there is none.
    ///
    /// Each call makes a monitor of its own. Source: `Process.monitor/1`.
    ///
    /// @param server the process, by pid or by name
    /// @return the monitor, as [Down] will name it
    /// @throws IllegalStateException if the thread is no process
    public static Ref monitor(ServerRef server) {
        return ProcessRuntime.get().monitor(server);
    }

    /// Monitors a process with options. Source: `Process.monitor/2`.
    ///
    /// @param server the process, by pid or by name
    /// @param options alias, tag
    /// @return the monitor, as [Down] or [TaggedDown] will name it
    /// @throws IllegalStateException if the thread is no process
    public static Ref monitor(ServerRef server, MonitorOption... options) {
        return ProcessRuntime.get().monitor(server, options);
    }

    /// Removes a monitor; a [Down] already in the mailbox stays. Source: `Process.demonitor/1`.
    ///
    /// @param monitor the monitor, of the calling process
    /// @return whether the monitor was still in force
    /// @throws IllegalStateException if the thread is no process
    public static boolean demonitor(Ref monitor) {
        return ProcessRuntime.get().demonitor(monitor, false);
    }

    /// Removes a monitor together with its [Down], if that is already in the mailbox. Source:
    /// `Process.demonitor(ref, [:flush])`.
    ///
    /// @param monitor the monitor, of the calling process
    /// @return whether the monitor was still in force; if not, a Down was removed if there was one
    /// @throws IllegalStateException if the thread is no process
    public static boolean demonitorFlush(Ref monitor) {
        return ProcessRuntime.get().demonitor(monitor, true);
    }

    /// Ends the calling process, unless the exception is caught. Source: `exit/1`.
    ///
    /// @param reason the exit reason
    /// @return nothing, ever; declared so that `throw Processes.exit(reason)` can end a method that
    ///   has to return something
    /// @throws ExitException always
    @SuppressWarnings("DoNotCallSuggester") // throwing is what it is for
    public static ExitException exit(ExitReason reason) {
        throw new ExitException(reason);
    }

    /// Sends an exit signal; see the table above for what it does. Sent by a thread that is no
    /// process, it is from `#PID<0.0.0>`. Source: `Process.exit/2`.
    ///
    /// @param pid the receiver; nothing happens if it is dead
    /// @param reason the reason
    public static void exit(Pid pid, ExitReason reason) {
        ProcessRuntime.get().exit(pid, reason);
    }

    /// Chooses whether exit signals reach the calling process as [Exit] messages. Source:
    /// `Process.flag(:trap_exit, value)`.
    ///
    /// @param trap whether to trap exits from now on; false at the start of every process
    /// @return what was chosen before
    /// @throws IllegalStateException if the thread is no process
    public static boolean trapExits(boolean trap) {
        return ProcessRuntime.get().trapExits(trap);
    }

    /// Gives a live process a name on this node, until it dies or is unregistered. Source:
    /// `Process.register/2`.
    ///
    /// @param pid the process
    /// @param name the name, not blank
    /// @throws IllegalArgumentException if the process is dead or has a name already, or the name
    ///   is taken
    public static void register(Pid pid, String name) {
        ProcessRuntime.get().register(pid, new Name(name));
    }

    /// Takes a name away from the process that has it. Source: `Process.unregister/1`.
    ///
    /// @param name the name
    /// @throws IllegalArgumentException if no process has the name
    public static void unregister(String name) {
        ProcessRuntime.get().unregister(new Name(name));
    }

    /// Finds the process that has a name. Source: `Process.whereis/1`.
    ///
    /// @param name the name
    /// @return the live process, or empty
    public static Optional<Pid> whereis(String name) {
        return ProcessRuntime.get().whereis(new Name(name));
    }

    /// The names in use. Source: `Process.registered/0`.
    ///
    /// @return the names, in no order
    public static List<String> registered() {
        return ProcessRuntime.get().registered();
    }

    /// Whether a process lives. Once this is false its name is free. Source: `Process.alive?/1`.
    ///
    /// @param pid the process
    /// @return whether it lives
    public static boolean isAlive(Pid pid) {
        return ProcessRuntime.get().isAlive(pid);
    }

    /// Sends a message some time later. A name is looked up at that time; if it is free then, the
    /// message is lost. To a pid that is dead or dies first the timer is cancelled. Source:
    /// `Process.send_after/3`.
    ///
    /// @param to the receiver
    /// @param message the message
    /// @param delay how long from now, 0 or more; kept to about a millisecond, never early
    /// @return the timer
    /// @throws IllegalArgumentException if the delay is negative
    public static Ref sendAfter(ServerRef to, Object message, Duration delay) {
        return ProcessRuntime.get().startTimer(to, delay, _ -> message);
    }

    /// Sends a message at a time, as [#sendAfter] does. Source: `Process.send_after/4` with `abs:
    /// true`.
    ///
    /// @param to the receiver
    /// @param message the message
    /// @param time the time in [#monotonicTime], units: ns; at once if it has passed
    /// @return the timer
    public static Ref sendAt(ServerRef to, Object message, long time) {
        return ProcessRuntime.get().startTimerAt(to, time, _ -> message);
    }

    /// Sends a [Timeout] with the timer and a message some time later, so that the timer can be
    /// told from earlier ones; otherwise as [#sendAfter]. Source: `:erlang.start_timer/3`.
    ///
    /// @param to the receiver
    /// @param message the message to wrap
    /// @param delay how long from now, 0 or more; kept to about a millisecond, never early
    /// @return the timer
    /// @throws IllegalArgumentException if the delay is negative
    public static Ref startTimer(ServerRef to, Object message, Duration delay) {
        return ProcessRuntime.get().startTimer(to, delay, ref -> new Timeout(ref, message));
    }

    /// Sends a [Timeout] with the timer and a message at a time, as [#startTimer] does. Source:
    /// `:erlang.start_timer/4` with `abs`.
    ///
    /// @param to the receiver
    /// @param message the message to wrap
    /// @param time the time in [#monotonicTime], units: ns; at once if it has passed
    /// @return the timer
    public static Ref startTimerAt(ServerRef to, Object message, long time) {
        return ProcessRuntime.get().startTimerAt(to, time, ref -> new Timeout(ref, message));
    }

    /// Waits, and leaves the mailbox as it is. Works on any thread. Source: `Process.sleep/1`.
    ///
    /// @param time how long, 0 or more; [GenServer#INFINITY] until the process ends
    /// @throws ExitException if the calling process ends meanwhile, or with the reason
    ///   `interrupted` if the thread is interrupted
    /// @throws IllegalArgumentException if the time is negative
    public static void sleep(Duration time) {
        ProcessRuntime.get().sleep(time);
    }

    /// Cancels a timer. Source: `Process.cancel_timer/1`.
    ///
    /// @param timer the timer
    /// @return the time that was left, or empty if it had fired or was cancelled before; then its
    ///   message may be in the mailbox
    public static Optional<Duration> cancelTimer(Ref timer) {
        return ProcessRuntime.get().cancelTimer(timer);
    }

    /// Asks how long a timer has to go. Source: `Process.read_timer/1`.
    ///
    /// @param timer the timer
    /// @return the time left, or empty if it has fired or was cancelled
    public static Optional<Duration> readTimer(Ref timer) {
        return ProcessRuntime.get().readTimer(timer);
    }

    /// The runtime's clock: what timers, deadlines and restart periods are measured with. Source:
    /// `System.monotonic_time/0`.
    ///
    /// @return the time since an arbitrary moment, units: ns; compare two by subtraction
    public static long monotonicTime() {
        return ProcessRuntime.get().monotonicTime();
    }

    /// What a process looks like now. Source: `Process.info/1`.
    ///
    /// For people and for tests: it copies the mailbox and takes the thread's stack.
    ///
    /// @param pid the process
    /// @return the facts, or empty if it is dead
    public static Optional<ProcessInfo> info(Pid pid) {
        return ProcessRuntime.get().info(pid);
    }

    /// The live processes. Source: `Process.list/0`.
    ///
    /// @return their pids, oldest first
    public static List<Pid> list() {
        return ProcessRuntime.get().list();
    }

    /// The key of the process dictionary under which the list of [#callers] is kept.
    public static final String CALLERS = "$callers";

    /// Puts a value into the process dictionary: a map of the calling process's own, for what
    /// concerns all code that runs in it and belongs in no state, such as the locale of a request.
    /// Source: `Process.put/2`.
    ///
    /// @param key the key
    /// @param value the value
    /// @return the value it replaces, or empty
    /// @throws IllegalStateException if the thread is no process
    public static Optional<Object> put(Object key, Object value) {
        return ProcessRuntime.get().put(key, value);
    }

    /// Reads the process dictionary of the calling process. Source: `Process.get/1`.
    ///
    /// @param key the key
    /// @return the value, or empty
    /// @throws IllegalStateException if the thread is no process
    public static Optional<Object> get(Object key) {
        return Optional.ofNullable(ProcessRuntime.get().dictionary().get(key));
    }

    /// Removes a value from the process dictionary of the calling process. Source:
    /// `Process.delete/1`.
    ///
    /// @param key the key
    /// @return the value it had, or empty
    /// @throws IllegalStateException if the thread is no process
    public static Optional<Object> delete(Object key) {
        return ProcessRuntime.get().delete(key);
    }

    /// The process dictionary of the calling process. Source: `Process.get/0`, and
    /// `Process.get_keys/0` with `keySet()`.
    ///
    /// @return a copy
    /// @throws IllegalStateException if the thread is no process
    public static Map<Object, Object> dictionary() {
        return ProcessRuntime.get().dictionary();
    }

    /// Who started the calling process, who started that one, and so on. Source: `$ancestors` of
    /// `proc_lib`.
    ///
    /// @return each by the name it had then, else by its pid; empty for a process that was spawned,
    ///   or started by a thread that is no process
    /// @throws IllegalStateException if the thread is no process
    public static List<ServerRef> ancestors() {
        return ProcessRuntime.get().ancestors();
    }

    /// On whose behalf the calling process works: a task's owner, that one's own callers, and so
    /// on. Source: `$callers`.
    ///
    /// @return the pids, the nearest first; empty if nobody has put any
    /// @throws IllegalStateException if the thread is no process
    @SuppressWarnings("unchecked") // that is what is kept under this key
    public static List<Pid> callers() {
        return (List<Pid>) get(CALLERS).orElse(List.of());
    }

    /// Gives the calling process a label, shown in crash reports and by [#info]: what this one of
    /// many is for, such as the id of an order. Needs not be unique. Source: `Process.set_label/1`.
    ///
    /// @param label the label
    /// @throws IllegalStateException if the thread is no process
    public static void setLabel(Object label) {
        ProcessRuntime.get().setLabel(label);
    }

    /// The label of the calling process. Source: `Process.get_label/0`.
    ///
    /// @return the label, or empty
    /// @throws IllegalStateException if the thread is no process
    public static Optional<Object> getLabel() {
        return getLabel(self());
    }

    /// The label of a process. Source: `Process.get_label/1`.
    ///
    /// @param pid the process
    /// @return the label, or empty if it has none or is dead
    public static Optional<Object> getLabel(Pid pid) {
        return ProcessRuntime.get().label(pid);
    }

    /// Makes the calling thread a process until the result is closed: it gets a mailbox, may link,
    /// monitor and receive, and an exit signal it does not trap interrupts it.
    ///
    /// ```java
    /// try (Attachment _ = Processes.attach()) {
    ///     Ref monitor = Processes.monitor(server);
    ///     GenServer.stop(server);
    ///     Down down = Processes.receive(Down.class);
    /// }
    /// ```
    ///
    /// @return the attachment; close it on the same thread
    /// @throws IllegalStateException if the thread is a process already
    public static Attachment attach() {
        return ProcessRuntime.get().attach();
    }
}
