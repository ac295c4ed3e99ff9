package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.FormatStatus;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.SystemEvent;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/// Writes what a [CrashLog] says about a server: its last message and that message's client, its
/// state and its log.
final class ServerCrash {

    private ServerCrash() {}

    /// Reports at the level that the server chooses.
    static void report(ServerProcess server, ExitReason reason) {
        Level level = Level.ERROR;
        String problem = "";
        try {
            level = Objects.requireNonNull(server.callbacks.code().crashLevel(reason), "level");
        } catch (Throwable thrown) { // the user's method; the report says so
            problem = "crashLevel failed with " + SafeText.of(thrown);
        }
        Level chosen = level;
        String failed = problem;
        CrashLog.safely(chosen, server, reason, () -> write(chosen, failed, server, reason));
    }

    private static void write(
            Level level, String problem, ServerProcess server, ExitReason reason) {
        Object last = server.callbacks.lastMessage();
        FormatStatus shown = SystemMessages.shown(server, content(last), reason);
        ExitReason shownReason = shown.reason().orElse(reason);
        CrashLog.begin("GenServer ", server, shownReason)
                .lastMessage(
                        sender(last),
                        last == null
                                ? Optional.empty()
                                : Optional.of(
                                        kind(last)
                                                + shown.message()
                                                        .map(message ->
                                                                text(
                                                                        message,
                                                                        shown.messageChosen()))
                                                        .orElse("none")))
                .line("state", text(shown.state(), shown.stateChosen()))
                .surroundings()
                .line("level", problem)
                .line("log", log(shown.log()))
                .line("client", last instanceof ReplySlot slot ? client(slot) : "")
                .tell(level, shownReason.cause());
    }

    private static String text(Object shown, boolean chosen) {
        return chosen ? SafeText.of(shown) : ReportText.of(shown);
    }

    private static String log(List<SystemEvent> events) {
        return events.stream()
                .map(event -> "\n    " + SafeText.of(event))
                .collect(Collectors.joining());
    }

    /// Returns the client of a call that failed, and where it waits.
    private static String client(ReplySlot slot) {
        String who = slot.pid().map(Pid::toString).orElse("a thread that is no process");
        if (slot.callerNode() != null) {
            return who + " on " + slot.callerNode();
        }
        List<StackTraceElement> stack = slot.callerStack();
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
        return message == null ? null : Envelope.subject(message);
    }
}
