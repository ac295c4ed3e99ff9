package io.genserver;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Why a process ended.
///
/// `normal`, `shutdown` and `{shutdown, detail}` are orderly: they are never logged, and a
/// transient child that ends with one is not restarted. Every other reason is a failure.
///
/// Compare reasons with `equals`, or take one apart with a pattern:
///
/// ```java
/// switch (down.reason()) {
///     case ExitReason.Crash(Throwable cause) -> log.warn("bucket crashed", cause);
///     case ExitReason other -> log.info("bucket ended: {}", other);
/// }
/// ```
///
/// Source: `t:exit_reason/0` and the reasons that `gen_server` makes.
// No default methods: with one, initialising Standard would initialise this interface, and two
// threads that initialise one each could wait for each other.
@SuppressWarnings("ClassInitializationDeadlock")
public sealed interface ExitReason {

    /// The process finished its work. Linked processes that do not trap exits ignore this reason.
    ExitReason NORMAL = Standard.NORMAL;

    /// The process was told to stop, usually by its supervisor.
    ExitReason SHUTDOWN = Standard.SHUTDOWN;

    /// Ends a process whether or not it traps exits, if sent with [Processes#exit(Pid,
    /// ExitReason)]. Other processes then see [#KILLED].
    ExitReason KILL = Standard.KILL;

    /// The process was killed.
    ExitReason KILLED = Standard.KILLED;

    /// There is no such process.
    ExitReason NOPROC = Standard.NOPROC;

    /// No answer came in time.
    ExitReason TIMEOUT = Standard.TIMEOUT;

    /// A process called itself. Such a call could never be answered.
    ExitReason CALLING_SELF = Standard.CALLING_SELF;

    /// A thread was interrupted while it waited. OTP has no counterpart.
    ExitReason INTERRUPTED = Standard.INTERRUPTED;

    /// The mailbox of a server was full, see [StartOption#mailbox]. OTP has no counterpart.
    ExitReason MAILBOX_FULL = Standard.MAILBOX_FULL;

    /// The connection to the node of a linked or monitored process was lost, or there was none. The
    /// process may still live.
    ExitReason NOCONNECTION = Standard.NOCONNECTION;

    /// Makes a reason from a word or a value of your own.
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

    /// Makes an orderly reason with a detail. Source: `{:shutdown, detail}`.
    ///
    /// @param detail the detail
    /// @return the reason
    static ExitReason shutdown(Object detail) {
        return new Shutdown(detail);
    }

    /// Tells whether this is `normal`, `shutdown` or `{shutdown, detail}`: an end that needs no
    /// report.
    ///
    /// @return whether the end was orderly
    boolean isOrderly();

    /// Returns the throwable behind this reason, for a log record or for the cause of an exception.
    ///
    /// @return the cause, or null if nothing was thrown
    @Nullable Throwable cause();

    /// The reasons that carry no data.
    enum Standard implements ExitReason {
        /// [ExitReason#NORMAL].
        NORMAL,
        /// [ExitReason#SHUTDOWN].
        SHUTDOWN,
        /// [ExitReason#KILL].
        KILL,
        /// [ExitReason#KILLED].
        KILLED,
        /// [ExitReason#NOPROC].
        NOPROC,
        /// [ExitReason#TIMEOUT].
        TIMEOUT,
        /// [ExitReason#CALLING_SELF].
        CALLING_SELF,
        /// [ExitReason#INTERRUPTED].
        INTERRUPTED,
        /// [ExitReason#MAILBOX_FULL].
        MAILBOX_FULL,
        /// [ExitReason#NOCONNECTION].
        NOCONNECTION;

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

    /// The reason of [ExitReason#shutdown].
    ///
    /// @param detail the detail
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

    /// A callback returned a value that it may not return. Source: `{:bad_return_value, value}`.
    ///
    /// @param value the returned value, usually null
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

    /// A request failed because its node is not connected, or the connection was lost before the
    /// answer came. The server may have handled the request. Source: `{:nodedown, node}`.
    ///
    /// @param node the name of the node
    record NodeDown(String node) implements ExitReason {
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
            return "{nodedown, " + node + "}";
        }
    }

    /// The name is taken. Source: `{:already_started, pid}`.
    ///
    /// @param pid the process that has the name
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

    /// A call was refused because it would have closed a circle of processes that wait for each
    /// other. None of them could ever have answered. In OTP such a call ends only with its timeout.
    ///
    /// @param chain the processes; the caller is the first and the last
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

    /// A request of this process to another process failed, and this process did not catch the
    /// failure. Source: `{reason, {GenServer, :call, [server, request, timeout]}}`.
    ///
    /// @param reason why the request failed
    /// @param request a description of the request
    record FailedCall(ExitReason reason, String request) implements ExitReason {

        /// How many failed calls of a chain the text shows.
        private static final int SHOWN = 8;

        @Override
        public boolean isOrderly() {
            return false;
        }

        @Override
        public @Nullable Throwable cause() {
            ExitReason inner = reason;
            while (inner instanceof FailedCall(ExitReason next, var _)) {
                inner = next;
            }
            return inner.cause();
        }

        /// Returns the reason and the request, nested as in OTP. Of a long chain of failed calls
        /// the outermost eight and the innermost reason are shown.
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            Deque<String> requests = new ArrayDeque<>();
            ExitReason inner = this;
            int leftOut = 0;
            while (inner instanceof FailedCall(ExitReason next, String asked)) {
                if (requests.size() < SHOWN) {
                    requests.push(asked);
                    text.append('{');
                } else {
                    leftOut++;
                }
                inner = next;
            }
            text.append(inner);
            if (leftOut > 0) {
                text.append(" after ").append(leftOut).append(" more failed calls");
            }
            requests.forEach(asked -> text.append(", {").append(asked).append("}}"));
            return text.toString();
        }
    }

    /// The reason of [ExitReason#of] for a word or a value.
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
