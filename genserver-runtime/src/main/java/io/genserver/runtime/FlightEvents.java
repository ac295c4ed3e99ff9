package io.genserver.runtime;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Throttle;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/// The events of the JDK's flight recorder, see [FlightRecording]. A server is shown as its class.
final class FlightEvents {

    private FlightEvents() {}

    /// What all events have.
    @Category("GenServer")
    @StackTrace(false)
    abstract static class Base extends Event {
        @Label("Node")
        @Nullable String node;
    }

    /// An event about one process.
    abstract static class OfProcess extends Base {
        @Label("Process")
        @Nullable String process;

        @Label("Server")
        @Description("Class of the server")
        @Nullable String server;
    }

    @Name("io.genserver.Turn")
    @Label("Turn of a Server")
    @Description("A server handled a message")
    @Threshold("10 ms")
    @Throttle("100/s")
    static final class Turn extends Base {
        @Label("Server")
        @Description("Class of the server")
        @Nullable String server;

        @Label("Process")
        @Nullable String process;

        @Label("Kind")
        @Description("CALL, CAST, INFO or CONTINUE")
        @Nullable String kind;

        @Label("Message")
        @Description("Class of the message")
        @Nullable String message;

        @Label("Queued")
        @Description("How long the message waited in the mailbox; missing if that is not known")
        @Timespan(Timespan.NANOSECONDS)
        long queued;

        @Label("Exit Reason")
        @Description("Why the server ended in this turn; null if it did not")
        @Nullable String exitReason;
    }

    @Name("io.genserver.Call")
    @Label("Call")
    @Description("A thread waited for the reply of a server")
    @Threshold("20 ms")
    @Throttle("100/s")
    static final class Call extends Base {
        @Label("Caller")
        @Description("Class of the calling server; missing if the caller is no process")
        @Nullable String caller;

        @Label("Calling Process")
        @Nullable String process;

        @Label("Server")
        @Description("Class of the server that was called")
        @Nullable String server;

        @Label("Request")
        @Description("Class of the request")
        @Nullable String request;

        @Label("Failure")
        @Description("Why there was no reply; null if there was one")
        @Nullable String failure;
    }

    @Name("io.genserver.ProcessStart")
    @Label("Process Start")
    @Enabled(false)
    @StackTrace
    static final class ProcessStart extends Base {
        @Label("Process")
        @Nullable String process;

        @Label("Starter")
        @Description("The process that started it")
        @Nullable String starter;
    }

    @Name("io.genserver.ProcessEnd")
    @Label("Process End")
    @Enabled(false)
    static final class ProcessEnd extends OfProcess {
        @Label("Exit Reason")
        @Nullable String exitReason;
    }

    @Name("io.genserver.Crash")
    @Label("Crash of a Process")
    static final class Crash extends OfProcess {
        @Label("Exit Reason")
        @Nullable String exitReason;

        @Label("Exception")
        @Description("Class of the exception")
        @Nullable String exception;

        @Label("Stack of the Exception")
        @Nullable String stack;
    }

    @Name("io.genserver.Restart")
    @Label("Restart of a Child")
    @Description("A supervisor is about to restart a child")
    static final class Restart extends Base {
        @Label("Supervisor")
        @Nullable String supervisor;

        @Label("Child")
        @Description("Id of the child")
        @Nullable String child;

        @Label("Exit Reason")
        @Nullable String exitReason;

        @Label("Attempt")
        int attempt;

        @Label("Delay")
        @Timespan(Timespan.MILLISECONDS)
        long delay;
    }

    @Name("io.genserver.GaveUp")
    @Label("Supervisor Gave Up")
    @Description("A supervisor has reached its limit of restarts")
    static final class GaveUp extends Base {
        @Label("Supervisor")
        @Nullable String supervisor;

        @Label("Child")
        @Description("Id of the child")
        @Nullable String child;

        @Label("Exit Reason")
        @Nullable String exitReason;
    }

    @Name("io.genserver.DeadLetter")
    @Label("Dead Letter")
    @Description("A message reached no process")
    @Throttle("100/s")
    static final class DeadLetter extends Base {
        @Label("Reason")
        @Nullable String reason;

        @Label("To")
        @Nullable String to;

        @Label("Message")
        @Description("Class of the message")
        @Nullable String message;
    }

    @Name("io.genserver.CallTimeout")
    @Label("Call Timeout")
    @StackTrace
    static final class CallTimeout extends Base {
        @Label("Server")
        @Description("Class of the server")
        @Nullable String server;

        @Label("Request")
        @Description("Class of the request")
        @Nullable String request;

        @Label("Waited")
        @Timespan(Timespan.NANOSECONDS)
        long waited;
    }

    @Name("io.genserver.CallCycle")
    @Label("Call Cycle")
    @Description("A call failed because processes would wait for each other")
    @StackTrace
    static final class CallCycle extends Base {
        @Label("Cycle")
        @Nullable String cycle;
    }

    @Name("io.genserver.LongMailbox")
    @Label("Long Mailbox of a Server")
    @Description("More messages wait for a server than its warning says")
    static final class LongMailbox extends OfProcess {
        @Label("Messages")
        int length;

        @Label("Warning at")
        int mark;
    }

    @Name("io.genserver.LongTurn")
    @Label("Long Turn of a Server")
    @Description("A callback has taken a second or more on a thread that others need")
    static final class LongTurn extends OfProcess {
        @Label("Stack of the Server")
        @Nullable String stack;
    }
}
