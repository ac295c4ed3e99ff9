package io.genserver;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// An option of a start. If an option is given twice, the last one counts; [#debug] options add up.
/// Source: the options of `GenServer.start_link/3`.
public sealed interface StartOption {

    /// Registers the server under a local name before its `init` runs.
    ///
    /// @param name the name, not blank
    /// @return the option
    /// @throws IllegalArgumentException if the name is blank
    static StartOption name(String name) {
        return new Named(new Name(name));
    }

    /// Registers the server in a registry of your own before its `init` runs.
    ///
    /// @param via the registry and the key
    /// @return the option
    static StartOption name(Via via) {
        return new Named(via);
    }

    /// Registers the server under the name of a reference before its `init` runs.
    ///
    /// @param server a reference by name or by a via reference
    /// @return the option
    /// @throws IllegalArgumentException if it is a reference by pid
    static StartOption name(Server<?> server) {
        return new Named(server.untyped());
    }

    /// Limits the time that `init` may take. By default there is no limit.
    ///
    /// If the limit passes, the server is killed and the start returns [Start.Failed] with
    /// [ExitReason#TIMEOUT]. With this option `init` runs on a thread of its own, never on the
    /// thread of the starter.
    ///
    /// @param limit the limit, 0 or more
    /// @return the option
    /// @throws IllegalArgumentException if the limit is negative
    static StartOption initTimeout(Duration limit) {
        return new InitTimeout(limit);
    }

    /// Makes the server hibernate once it has been idle for a time, as [Action#hibernate()] does.
    ///
    /// A server that waits holds no thread in any case, so the option frees nothing. It changes
    /// what [ProcessInfo#status()] shows.
    ///
    /// @param idle the time, 0 or more
    /// @return the option
    /// @throws IllegalArgumentException if the time is negative
    static StartOption hibernateAfter(Duration idle) {
        return new HibernateAfter(idle);
    }

    /// Sends the server a [StateTimeout] whenever no message has arrived for a time.
    ///
    /// It acts as if each result without an action had [Action#timeout(Duration)]. So it lasts: it
    /// starts again after each callback, also after that of its own [StateTimeout]. An action in a
    /// result counts instead of it until the next message arrives; a server that hibernates gets
    /// the [StateTimeout], too. A [Sys] request starts the time anew.
    ///
    /// Use it to end a server that nobody uses. OTP has no counterpart: there each result says it.
    ///
    /// @param idle the time, more than 0
    /// @return the option
    /// @throws IllegalArgumentException if the time is 0 or negative
    static StartOption idleTimeout(Duration idle) {
        return new IdleTimeout(idle);
    }

    /// Runs the server on a virtual thread of its own for as long as it lives.
    ///
    /// Without this option the turns of several servers share a few virtual threads, and a server
    /// may run on another one in its next turn. Use it for a server whose code depends on its
    /// thread: `ThreadLocal`s that have to be there at the next message, locks that are held from
    /// one message to the next, libraries that check which thread calls them. A message to such a
    /// server costs some hundred nanoseconds more, because it wakes the thread. While it waits, the
    /// server keeps its stack.
    ///
    /// This option, [#platformThread] and [#nonBlocking] exclude each other: a start with two of
    /// them throws [IllegalArgumentException].
    ///
    /// @return the option
    static StartOption ownThread() {
        return new OwnThread();
    }

    /// Runs the server on a platform thread of its own for as long as it lives.
    ///
    /// Use it for a server whose callbacks compute for long, or call native code that blocks. On a
    /// virtual thread such a server would hold up others, and the runtime would log a warning. A
    /// call to a server with this option costs tens of microseconds more, because it wakes a thread
    /// of the operating system.
    ///
    /// @return the option
    static StartOption platformThread() {
        return new PlatformThread();
    }

    /// Promises that the callbacks of the server never block: no I/O, no lock that is held for
    /// long, no sleep, and no call to a server that may take long to answer.
    ///
    /// In return a call that finds the server idle runs its callback on the calling thread, at
    /// about the cost of a lock. Casts and messages are handled as for any other server. Use this
    /// option for state in memory: registries, counters, caches, agents over a map.
    ///
    /// Everything else stays the same. The server runs one callback at a time, in the order of
    /// arrival. `Processes.self()`, the dictionary and the log context are those of the server. A
    /// crash ends the server and not the caller. The price:
    ///
    /// - A caller's timeout is noticed only when the callback returns.
    /// - In a call, `ThreadLocal`s, scoped values and held locks are those of the calling thread.
    /// - If the stack of the calling thread ends in the callback, the caller gets the
    ///   [StackOverflowError], and the server keeps the state it had.
    /// - A callback that takes a second or more, computing or waiting, holds up its caller. It is
    ///   reported once, as a warning and as the event `io.genserver.LongTurn` of the JDK's flight
    ///   recorder.
    ///
    /// @return the option
    static StartOption nonBlocking() {
        return new NonBlocking();
    }

    /// Runs [GenServer#terminate] also if an exit signal ends the server. The server need not trap
    /// exits for this.
    ///
    /// With this option an exit signal waits in the mailbox behind the messages that came before
    /// it, as it does if the server traps exits. The callback in progress is not interrupted. When
    /// the signal is reached, the server runs `terminate` with the reason of the signal and exits
    /// with that reason. Which signals end the server:
    ///
    /// | signal | what the server does |
    /// |---|---|
    /// | any reason, from the server's parent or from itself | `terminate`, then it exits |
    /// | `normal`, from another process | nothing |
    /// | `kill`, sent by hand | it dies with `killed`, without `terminate` |
    /// | any other, from another process | `terminate`, then it exits |
    ///
    /// The parent is the process that started the server with a link, usually its supervisor. So
    /// the server also terminates if the parent ends. The exit of any other linked process ends the
    /// server as it does without this option, but only when the signal's turn has come. A
    /// supervisor that stops the server waits for as long as the child specification says, and then
    /// kills it. A signal that arrives while `init` runs waits until `init` has returned. If `init`
    /// fails, `terminate` does not run.
    ///
    /// While the server traps exits ([Processes#trapExits]), signals arrive as [Exit] messages and
    /// this option changes nothing. For a clean-up that must happen even if the server is killed,
    /// use [Processes#onExit]. OTP has no counterpart: there a server traps exits for this purpose.
    ///
    /// @return the option
    static StartOption terminateOnExit() {
        return new TerminateOnExit();
    }

    /// Limits how many calls, casts and messages may wait in the server's mailbox.
    ///
    /// By default there is no limit. With [WhenFull#fail], [WhenFull#dropNewest] and
    /// [WhenFull#block] there are never more than the limit. With [WhenFull#dropOldest] each thread
    /// that is sending may add one for a moment.
    ///
    /// Exit signals, the messages of monitors, replies, messages through an alias, state timeouts,
    /// [Sys] requests and [GenServer#stop] are always accepted and do not count. The message of a
    /// timer counts. It never waits for room, see [WhenFull].
    ///
    /// The server also warns when its mailbox is four fifths full, see [#mailboxWarning].
    ///
    /// OTP has no counterpart.
    ///
    /// @param limit how many may wait, 1 or more
    /// @param whenFull what happens to the next one
    /// @return the option
    /// @throws IllegalArgumentException if the limit is less than 1
    static StartOption mailbox(int limit, WhenFull whenFull) {
        return new Mailbox(limit, whenFull);
    }

    /// Reports a mailbox that has become long: once when so many calls, casts and messages wait,
    /// and again only after there were fewer than half as many.
    ///
    /// The report is a warning and the event `io.genserver.LongMailbox` of the JDK's flight
    /// recorder. A server without [#mailbox] makes no such report by default.
    ///
    /// @param length how many have to wait, 1 or more
    /// @return the option
    /// @throws IllegalArgumentException if the length is less than 1
    static StartOption mailboxWarning(int length) {
        return new MailboxWarning(length);
    }

    /// Makes the server skip calls whose callers have given up: the call has timed out, its thread
    /// was interrupted, or its process has ended.
    ///
    /// Without this option the server handles such a call, and the reply is lost. Under overload
    /// the server may then do nothing but answer callers that have gone. A skipped call is counted
    /// in [DeadLetters] as [DeadLetter.Reason#ABANDONED_CALL]. Do not use the option if a call has
    /// an effect that must happen whether or not its caller waits.
    ///
    /// OTP has no counterpart.
    ///
    /// @return the option
    static StartOption skipAbandonedCalls() {
        return new SkipAbandonedCalls();
    }

    /// Observes the server from its first message on.
    ///
    /// @param options what to observe
    /// @return the option
    static StartOption debug(DebugOption... options) {
        return new Debug(List.of(options));
    }

    /// The option of [StartOption#name(String)] and its siblings.
    ///
    /// @param name a [Name] or a [Via]
    record Named(ServerRef name) implements StartOption {

        /// Checks that the name is not a pid.
        public Named {
            if (name instanceof Pid) {
                throw new IllegalArgumentException(
                        "expected a server's name to be a local name or a via reference, got: "
                                + name);
            }
        }
    }

    /// The option of [StartOption#initTimeout].
    ///
    /// @param limit the limit
    record InitTimeout(Duration limit) implements StartOption {

        /// Checks that the limit is 0 or more.
        public InitTimeout {
            if (limit.isNegative()) {
                throw new IllegalArgumentException(
                        "expected initTimeout to be 0 or more, got: " + limit);
            }
        }
    }

    /// The option of [StartOption#hibernateAfter].
    ///
    /// @param idle the idle time
    record HibernateAfter(Duration idle) implements StartOption {

        /// Checks that the time is 0 or more.
        public HibernateAfter {
            if (idle.isNegative()) {
                throw new IllegalArgumentException(
                        "expected hibernateAfter to be 0 or more, got: " + idle);
            }
        }
    }

    /// The option of [StartOption#idleTimeout].
    ///
    /// @param idle the idle time
    record IdleTimeout(Duration idle) implements StartOption {

        /// Checks that the time is more than 0.
        public IdleTimeout {
            if (!idle.isPositive()) {
                throw new IllegalArgumentException(
                        "expected idleTimeout to be more than 0, got: " + idle);
            }
        }
    }

    /// The option of [StartOption#debug].
    ///
    /// @param options what to observe
    record Debug(List<DebugOption> options) implements StartOption {}

    /// The option of [StartOption#mailbox].
    ///
    /// @param limit how many calls, casts and messages may wait
    /// @param whenFull what happens to the next one
    record Mailbox(int limit, WhenFull whenFull) implements StartOption {

        /// Checks the limit.
        public Mailbox {
            Objects.requireNonNull(whenFull, "whenFull");
            if (limit < 1) {
                throw new IllegalArgumentException(
                        "expected the limit of a mailbox to be 1 or more, got: " + limit);
            }
        }

        /// Returns how many messages have to wait until the server warns, unless
        /// [StartOption#mailboxWarning] says it: four fifths of the limit.
        ///
        /// @return the number, 1 or more
        public int defaultWarning() {
            return Math.max(1, limit - limit / 5);
        }
    }

    /// The option of [StartOption#mailboxWarning].
    ///
    /// @param length how many messages have to wait
    record MailboxWarning(int length) implements StartOption {

        /// Checks the length.
        public MailboxWarning {
            if (length < 1) {
                throw new IllegalArgumentException(
                        "expected mailboxWarning to be 1 or more, got: " + length);
            }
        }
    }

    /// The option of [StartOption#skipAbandonedCalls].
    record SkipAbandonedCalls() implements StartOption {}

    /// The option of [StartOption#ownThread].
    record OwnThread() implements StartOption {}

    /// The option of [StartOption#platformThread].
    record PlatformThread() implements StartOption {}

    /// The option of [StartOption#nonBlocking].
    record NonBlocking() implements StartOption {}

    /// The option of [StartOption#terminateOnExit].
    record TerminateOnExit() implements StartOption {}
}
