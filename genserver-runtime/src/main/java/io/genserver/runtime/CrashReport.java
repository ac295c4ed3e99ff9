package io.genserver.runtime;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.FormatStatus;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.SystemEvent;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is logged when a process ends with a reason that is not orderly: one record, at level
/// error, with everything needed to find out why.
final class CrashReport {

    private static final Logger log = LoggerFactory.getLogger(GenServer.class);

    private CrashReport() {}

    static void ofServer(Turns process, ExitReason reason) {
        whatever(process, () -> report(process, reason));
    }

    /// A cause or a state that cannot be shown must not save the process from its end.
    private static void whatever(LocalProcess process, Runnable report) {
        if (!log.isErrorEnabled()) {
            return; // to find out what is to be said costs more than the crash
        }
        try {
            report.run();
        } catch (Throwable hostile) {
            log.error(
                    "{} terminating, with a reason that cannot be shown: {}",
                    process.pid,
                    hostile.getClass().getName());
        }
    }

    private static void report(Turns process, ExitReason reason) {
        Object last = process.lastMessage();
        FormatStatus shown = SystemMessages.shown(process, content(last), reason);
        StringBuilder text = head("GenServer ", process, shown.reason().orElse(reason));
        line(
                text,
                "last message" + sender(last),
                kind(last) + shown.message().map(SafeText::of).orElse("none"));
        line(text, "state", SafeText.of(shown.state()));
        surroundings(text, process);
        line(text, "log", log(shown.log()));
        line(text, "client", last instanceof ReplySlot slot ? client(slot) : "");
        log.error("{}", text, reason.cause());
    }

    /// Which process ends, and why.
    private static StringBuilder head(String kind, LocalProcess process, ExitReason reason) {
        StringBuilder text = new StringBuilder(kind).append(process.describe());
        process.name().ifPresent(name -> text.append(", registered as ").append(name));
        text.append(" terminating");
        line(text, "label", process.label().map(SafeText::of).orElse(""));
        line(text, "reason", SafeText.of(reason));
        return text;
    }

    private static void surroundings(StringBuilder text, LocalProcess process) {
        line(text, "ancestors", words(process.ancestors()));
        line(text, "links", words(process.links()));
        line(text, "messages waiting", String.valueOf(process.mailbox.size()));
    }

    /// One line of a report, unless there is nothing to say.
    private static void line(StringBuilder report, String what, String text) {
        if (!text.isEmpty()) {
            report.append("\n  ").append(what).append(": ").append(text);
        }
    }

    private static String words(List<?> references) {
        return references.stream().map(Object::toString).collect(Collectors.joining(", "));
    }

    private static String log(List<SystemEvent> events) {
        return events.stream()
                .map(event -> "\n    " + SafeText.of(event))
                .collect(Collectors.joining());
    }

    /// The client of a call that failed, and what it is waiting in.
    private static String client(ReplySlot slot) {
        List<StackTraceElement> stack = slot.callerStack();
        String who = slot.pid().map(Pid::toString).orElse("a thread that is no process");
        if (stack.isEmpty()) {
            return who + " has ended";
        }
        return who + SafeText.frames(stack.stream().dropWhile(CrashReport::isOurs));
    }

    /// Whether it is a frame on the way from the client's own code into the wait for the reply.
    private static boolean isOurs(StackTraceElement frame) {
        return frame.getClassName().startsWith("java.")
                || frame.getClassName().startsWith("jdk.")
                || frame.getClassName().startsWith(CrashReport.class.getPackageName())
                || frame.getClassName().equals(GenServer.class.getName());
    }

    /// An exit on purpose is not logged, as on the BEAM, unless the process belongs to a tree; a
    /// throwable is.
    static void ofSpawned(SpawnedProcess process, Throwable thrown) {
        boolean exit = thrown instanceof ExitException;
        if (!exit || (process.reportsExits() && !Thrown.reason(thrown).isOrderly())) {
            whatever(process, () -> reportSpawned(process, thrown));
        }
    }

    private static void reportSpawned(SpawnedProcess process, Throwable thrown) {
        ExitReason reason = Thrown.reason(thrown);
        StringBuilder text = head("process ", process, reason);
        surroundings(text, process);
        Throwable cause = reason.cause();
        log.error("{}", text, cause == null ? thrown : cause);
    }

    private static String sender(@Nullable Object message) {
        Pid sender =
                switch (message) {
                    case ReplySlot slot -> slot.pid().orElse(null);
                    case Envelope.Cast cast -> cast.sender;
                    case null, default -> null;
                };
        return sender == null ? "" : " (from " + sender + ")";
    }

    /// A message for people, and how it came.
    static String describe(@Nullable Object message) {
        return message instanceof ReplySlot.Request call
                ? "call " + SafeText.of(call.request)
                : kind(message) + SafeText.of(content(message));
    }

    private static String kind(@Nullable Object message) {
        return switch (message) {
            case ReplySlot.Stop _ -> "stop with reason ";
            case Envelope.Cast _ -> "cast ";
            case null, default -> "";
        };
    }

    private static @Nullable Object content(@Nullable Object message) {
        return switch (message) {
            case ReplySlot slot -> slot.request();
            case null -> null;
            default -> Envelope.content(message);
        };
    }
}
