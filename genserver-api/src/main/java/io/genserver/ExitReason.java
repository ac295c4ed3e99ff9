package io.genserver;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Why a process ended.
///
/// `normal`, `shutdown` and `{shutdown, detail}` are orderly ends: they are never logged and a
/// transient child that ends so is not restarted. Everything else is a failure.
///
/// Compare with `equals`, or take one apart with a pattern:
///
/// ```java
/// switch (down.reason()) {
///     case ExitReason.Crash(Throwable cause) -> log.warn("bucket crashed", cause);
///     case ExitReason other -> log.info("bucket ended: {}", other);
/// }
/// ```
///
/// Source: `t:exit_reason/0` and the reasons `gen_server` makes.
// No default methods: then initialising Standard does not initialise this interface, and the two
// cannot wait for each other.
@SuppressWarnings("ClassInitializationDeadlock")
public sealed interface ExitReason {

    /// The process had nothing more to do. Ignored by linked processes that do not trap exits.
    ExitReason NORMAL = Standard.NORMAL;

    /// The process was told to stop, by its supervisor as a rule.
    ExitReason SHUTDOWN = Standard.SHUTDOWN;

    /// Sent with [Processes#exit(Pid, ExitReason)], ends a process whether it traps exits or not;
    /// others then see [#KILLED].
    ExitReason KILL = Standard.KILL;

    /// The process was killed.
    ExitReason KILLED = Standard.KILLED;

    /// There is no such process.
    ExitReason NOPROC = Standard.NOPROC;

    /// No answer came in time.
    ExitReason TIMEOUT = Standard.TIMEOUT;

    /// A process called itself, which could never be answered.
    ExitReason CALLING_SELF = Standard.CALLING_SELF;

    /// A thread was interrupted while it waited for an answer. Has no counterpart in OTP.
    ExitReason INTERRUPTED = Standard.INTERRUPTED;

    /// The reason for everything else: a word or a value of your own.
    ///
    /// @param term the value; an [ExitReason] is returned as it is, a [Throwable] becomes a [Crash]
    /// @return the reason
    static ExitReason of(Object term) {
        return switch (term) {
            case ExitReason reason -> reason;
            case Throwable cause -> new Crash(cause);
            default -> new Term(term);
        };
    }

    /// An orderly stop that says more. Source: `{:shutdown, detail}`.
    ///
    /// @param detail what there is to say
    /// @return the reason
    static ExitReason shutdown(Object detail) {
        return new Shutdown(detail);
    }

    /// Whether this is `normal`, `shutdown` or `{shutdown, detail}`: an end that needs no report.
    ///
    /// @return whether the end was orderly
    boolean isOrderly();

    /// The throwable behind this reason, for a log record or an exception's cause.
    ///
    /// @return the cause, or null if nothing was thrown
    @Nullable Throwable cause();

    /// The reasons that carry no data.
    enum Standard implements ExitReason {
        /// See [ExitReason#NORMAL].
        NORMAL,
        /// See [ExitReason#SHUTDOWN].
        SHUTDOWN,
        /// See [ExitReason#KILL].
        KILL,
        /// See [ExitReason#KILLED].
        KILLED,
        /// See [ExitReason#NOPROC].
        NOPROC,
        /// See [ExitReason#TIMEOUT].
        TIMEOUT,
        /// See [ExitReason#CALLING_SELF].
        CALLING_SELF,
        /// See [ExitReason#INTERRUPTED].
        INTERRUPTED;

        private final String word = name().toLowerCase(java.util.Locale.ROOT);

        @Override
        public boolean isOrderly() {
            return this == NORMAL || this == SHUTDOWN;
        }

        @Override
        public @Nullable Throwable cause() {
            return null;
        }

        @Override
        public String toString() {
            return word;
        }
    }

    /// See [ExitReason#shutdown].
    ///
    /// @param detail what there is to say
    record Shutdown(Object detail) implements ExitReason {
        @Override
        public boolean isOrderly() {
            return true;
        }

        @Override
        public @Nullable Throwable cause() {
            return null;
        }

        @Override
        public String toString() {
            return "{shutdown, " + detail + "}";
        }
    }

    /// Something was thrown. Source: `{exception, stacktrace}`.
    ///
    /// @param thrown what was thrown, with its stack
    record Crash(Throwable thrown) implements ExitReason {
        @Override
        public boolean isOrderly() {
            return false;
        }

        @Override
        public Throwable cause() {
            return thrown;
        }

        @Override
        public String toString() {
            return thrown.toString();
        }
    }

    /// A callback returned something it may not return. Source: `{:bad_return_value, value}`.
    ///
    /// @param value what it returned, as a rule null
    record BadReturnValue(@Nullable Object value) implements ExitReason {
        @Override
        public boolean isOrderly() {
            return false;
        }

        @Override
        public @Nullable Throwable cause() {
            return null;
        }

        @Override
        public String toString() {
            return "{bad_return_value, " + value + "}";
        }
    }

    /// The name is taken. Source: `{:already_started, pid}`.
    ///
    /// @param pid the process that has it
    record AlreadyStarted(Pid pid) implements ExitReason {
        @Override
        public boolean isOrderly() {
            return false;
        }

        @Override
        public @Nullable Throwable cause() {
            return null;
        }

        @Override
        public String toString() {
            return "{already_started, " + pid + "}";
        }
    }

    /// The call would have closed a circle of servers that wait for each other, so none of them
    /// could ever have answered. OTP finds this only by the time-out.
    ///
    /// @param chain the processes, the caller first and last
    record CallCycle(List<Pid> chain) implements ExitReason {
        /// Keeps a copy of the chain.
        public CallCycle {
            chain = List.copyOf(chain);
        }

        @Override
        public boolean isOrderly() {
            return false;
        }

        @Override
        public @Nullable Throwable cause() {
            return null;
        }

        @Override
        public String toString() {
            return "{call_cycle, " + chain + "}";
        }
    }

    /// A request of this process to another failed, and it did not catch that. Source: `{reason,
    /// {GenServer, :call, [server, request, timeout]}}`.
    ///
    /// @param reason why the request failed
    /// @param request which request, in words
    record FailedCall(ExitReason reason, String request) implements ExitReason {
        @Override
        public boolean isOrderly() {
            return false;
        }

        @Override
        public @Nullable Throwable cause() {
            return reason.cause();
        }

        @Override
        public String toString() {
            return "{" + reason + ", {" + request + "}}";
        }
    }

    /// See [ExitReason#of].
    ///
    /// @param term the value
    record Term(Object term) implements ExitReason {
        @Override
        public boolean isOrderly() {
            return false;
        }

        @Override
        public @Nullable Throwable cause() {
            return null;
        }

        @Override
        public String toString() {
            return String.valueOf(term);
        }
    }
}
