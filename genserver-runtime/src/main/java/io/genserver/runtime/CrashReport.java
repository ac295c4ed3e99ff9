package io.genserver.runtime;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is logged when a process ends with a reason that is not orderly: one record, at level
/// error, with everything needed to find out why.
final class CrashReport {

    private static final Logger log = LoggerFactory.getLogger(GenServer.class);

    private CrashReport() {}

    static void ofServer(ServerProcess process, ExitReason reason) {
        whatever(process, () -> report(process, reason));
    }

    /// A cause or a state that cannot be shown must not save the process from its end.
    private static void whatever(LocalProcess process, Runnable report) {
        try {
            report.run();
        } catch (Throwable hostile) {
            log.error(
                    "{} terminating, with a reason that cannot be shown: {}",
                    process.pid,
                    hostile.getClass().getName());
        }
    }

    private static void report(ServerProcess process, ExitReason reason) {
        String name = process.name().map(registered -> ", registered as " + registered).orElse("");
        log.error(
                "GenServer {}{} terminating\n  reason: {}\n  last message{}: {}\n  state: {}",
                process.describe(),
                name,
                SafeText.of(reason),
                sender(process.lastMessage()),
                lastMessage(process.lastMessage()),
                SafeText.of(process.state()),
                reason.cause());
    }

    /// An exit on purpose is not logged, as on the BEAM; a throwable is.
    static void ofSpawned(LocalProcess process, Throwable thrown) {
        if (!(thrown instanceof ExitException)) {
            whatever(
                    process,
                    () ->
                            log.error(
                                    "process {} terminating\n  reason: {}",
                                    process.describe(),
                                    SafeText.of(thrown),
                                    thrown));
        }
    }

    private static String sender(@org.jspecify.annotations.Nullable Object message) {
        return message instanceof ReplySlot slot
                ? slot.pid().map(pid -> " (from " + pid + ")").orElse("")
                : "";
    }

    /// A message for people, and how it came.
    static String describe(@org.jspecify.annotations.Nullable Object message) {
        return message instanceof ReplySlot.Request call
                ? "call " + SafeText.of(call.request)
                : lastMessage(message);
    }

    private static String lastMessage(@org.jspecify.annotations.Nullable Object message) {
        return switch (message) {
            case null -> "none";
            case ReplySlot.Request call -> SafeText.of(call.request);
            case ReplySlot.Stop stop -> "stop with reason " + SafeText.of(stop.reason);
            case Envelope.Cast(Object request) -> "cast " + SafeText.of(request);
            default -> SafeText.of(message);
        };
    }
}
