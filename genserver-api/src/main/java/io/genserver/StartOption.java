package io.genserver;

import java.time.Duration;
import java.util.List;

/// How to start a server. Source: the options of `GenServer.start_link/3`.
public sealed interface StartOption {

    /// Registers the server under a local name before its init runs.
    ///
    /// @param name the name, not blank
    /// @return the option
    static StartOption name(String name) {
        return new Named(new Name(name));
    }

    /// Registers the server in a registry of your own before its init runs.
    ///
    /// @param via the registry and the key
    /// @return the option
    static StartOption name(Via via) {
        return new Named(via);
    }

    /// Limits the time init may take; by default it may take any.
    ///
    /// @param limit after which the server is killed and start answers [ExitReason#TIMEOUT]
    /// @return the option
    /// @throws IllegalArgumentException if the limit is negative
    static StartOption initTimeout(Duration limit) {
        return new InitTimeout(limit);
    }

    /// Has the server hibernate when it has had nothing to do for a while, as [Action#hibernate]
    /// does. By default it does so after about a second, which is also the longest it takes.
    ///
    /// @param idle how long, 0 or more
    /// @return the option
    /// @throws IllegalArgumentException if the time is negative
    static StartOption hibernateAfter(Duration idle) {
        return new HibernateAfter(idle);
    }

    /// Runs the server on a platform thread of its own instead of a virtual one, while it has
    /// something to do. For a server whose callbacks compute for long, or call native code that
    /// blocks: on a virtual thread it would hold up others, as the runtime then warns.
    ///
    /// A call to it costs tens of microseconds more, for waking a thread of the operating system.
    ///
    /// @return the option
    static StartOption platformThread() {
        return new PlatformThread();
    }

    /// Promises that the server's callbacks never block: no I/O, no locks that are held for long,
    /// no sleep, no call to a server that may take long to answer. In return the server needs no
    /// thread: a call or a message that finds it idle runs its turn on the thread that sends it, at
    /// about the cost of a lock. For state in memory: registries, counters, caches, agents over a
    /// map.
    ///
    /// All else stays as it is: one turn at a time in the order of arrival, the server's own
    /// `self()`, dictionary and log context, its crash not the caller's. The price:
    ///
    /// - A caller's timeout is noticed only when the turn ends.
    /// - `ThreadLocal`s, scoped values and locks in a callback are those of whoever sent the
    ///   message.
    /// - A turn that takes a second or more, or waits that long, holds up its caller; it is
    ///   reported once, as a warning and as an event of the JDK's flight recorder.
    ///
    /// It cannot be combined with [#platformThread].
    ///
    /// @return the option
    static StartOption nonBlocking() {
        return new NonBlocking();
    }

    /// Looks into the server from its start on.
    ///
    /// @param options what to look at
    /// @return the option
    static StartOption debug(DebugOption... options) {
        return new Debug(List.of(options));
    }

    /// See [StartOption#name(String)].
    ///
    /// @param name a [Name] or a [Via]
    record Named(ServerRef name) implements StartOption {

        /// Checks the kind of name.
        public Named {
            if (name instanceof Pid) {
                throw new IllegalArgumentException(
                        "expected a server's name to be a local name or a via reference, got: "
                                + name);
            }
        }
    }

    /// See [StartOption#initTimeout].
    ///
    /// @param limit the limit
    record InitTimeout(Duration limit) implements StartOption {

        /// Checks the limit.
        public InitTimeout {
            if (limit.isNegative()) {
                throw new IllegalArgumentException(
                        "expected initTimeout to be 0 or more, got: " + limit);
            }
        }
    }

    /// See [StartOption#hibernateAfter].
    ///
    /// @param idle how long
    record HibernateAfter(Duration idle) implements StartOption {

        /// Checks the time.
        public HibernateAfter {
            if (idle.isNegative()) {
                throw new IllegalArgumentException(
                        "expected hibernateAfter to be 0 or more, got: " + idle);
            }
        }
    }

    /// See [StartOption#debug].
    ///
    /// @param options what to look at
    record Debug(List<DebugOption> options) implements StartOption {}

    /// See [StartOption#platformThread].
    record PlatformThread() implements StartOption {}

    /// See [StartOption#nonBlocking].
    record NonBlocking() implements StartOption {}
}
