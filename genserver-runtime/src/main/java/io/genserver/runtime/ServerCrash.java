package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.FormatStatus;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.SystemEvent;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Writes what a [CrashReport] says about a server: its last message and that message's client, its
/// state and its log.
final class ServerCrash {

    private ServerCrash() {}

    static void report(ServerProcess server, ExitReason reason) {
        CrashReport.safely(server, () -> write(server, reason));
    }

    private static void write(ServerProcess server, ExitReason reason) {
        Object last = server.callbacks.lastMessage();
        FormatStatus shown = SystemMessages.shown(server, content(last), reason);
        ExitReason shownReason = shown.reason().orElse(reason);
        CrashReport.begin("GenServer ", server, shownReason)
                .line(
                        "last message" + sender(last),
                        kind(last) + shown.message().map(SafeText::of).orElse("none"))
                .line("state", SafeText.of(shown.state()))
                .surroundings()
                .line("log", log(shown.log()))
                .line("client", last instanceof ReplySlot slot ? client(slot) : "")
                .log(shownReason.cause());
    }

    private static String log(List<SystemEvent> events) {
        return events.stream()
                .map(event -> "\n    " + SafeText.of(event))
                .collect(Collectors.joining());
    }

    /// Returns the client of a call that failed, and where it waits.
    private static String client(ReplySlot slot) {
        List<StackTraceElement> stack = slot.callerStack();
        String who = slot.pid().map(Pid::toString).orElse("a thread that is no process");
        if (stack.isEmpty()) {
            return who + " has ended";
        }
        return who + SafeText.frames(stack.stream().dropWhile(ServerCrash::isOurs));
    }

    /// Returns whether a frame lies between the client's own code and the wait for the reply.
    private static boolean isOurs(StackTraceElement frame) {
        return frame.getClassName().startsWith("java.")
                || frame.getClassName().startsWith("jdk.")
                || frame.getClassName().startsWith(ServerCrash.class.getPackageName())
                || frame.getClassName().equals(GenServer.class.getName());
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

    /// Returns a message for people, with the way in which it was sent.
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
