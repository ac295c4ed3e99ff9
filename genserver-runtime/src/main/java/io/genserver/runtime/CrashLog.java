package io.genserver.runtime;

import io.genserver.CrashReport;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.spi.Machine;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/// Makes the [CrashReport] of a process that ends with a reason that is not orderly: one text with
/// everything that is needed to find out why. Tells it to the [Listeners], of which one is the log.
final class CrashLog {

    private final StringBuilder text;
    private final LocalProcess process;
    private final ExitReason reason;
    private Optional<String> lastMessage = Optional.empty();

    private CrashLog(String kind, LocalProcess process, ExitReason reason) {
        this.process = process;
        this.reason = reason;
        text = new StringBuilder(kind).append(process.describe());
        process.name().ifPresent(name -> text.append(", registered as ").append(name));
        text.append(" terminating");
        line("label", process.label().map(SafeText::of).orElse(""));
        line("reason", SafeText.of(reason));
    }

    /// Begins the report of a process.
    static CrashLog begin(String kind, LocalProcess process, ExitReason reason) {
        return new CrashLog(kind, process, reason);
    }

    /// Adds a line, unless the text is empty.
    CrashLog line(String what, String value) {
        if (!value.isEmpty()) {
            text.append("\n  ").append(what).append(": ").append(value);
        }
        return this;
    }

    /// Adds the last message of a server.
    ///
    /// @param sender who sent it, or an empty text
    CrashLog lastMessage(String sender, Optional<String> message) {
        lastMessage = message;
        return line("last message" + sender, message.orElse("none"));
    }

    /// Adds the ancestors, the links and the number of waiting messages.
    CrashLog surroundings() {
        line("ancestors", list(process.ancestors()));
        line("links", list(process.links()));
        return line("messages waiting", String.valueOf(process.mailbox.length()));
    }

    private static String list(List<?> references) {
        return references.stream().map(Object::toString).collect(Collectors.joining(", "));
    }

    void tell(Level level, @Nullable Throwable thrown) {
        tell(process, reason, thrown, lastMessage, level, text.toString());
    }

    private static void tell(
            LocalProcess process,
            ExitReason reason,
            @Nullable Throwable thrown,
            Optional<String> lastMessage,
            Level level,
            String text) {
        Listeners.all()
                .crashed(
                        process.node,
                        new CrashReport(
                                process.pid,
                                process.name(),
                                process.label(),
                                process.initialCall(),
                                reason,
                                Optional.ofNullable(thrown),
                                lastMessage,
                                process.ancestors(),
                                level,
                                text));
    }

    /// Makes a report if the log level is on or there are other listeners. A cause or a state that
    /// cannot be shown must not keep the process from ending.
    static void safely(Level level, LocalProcess process, ExitReason reason, Runnable report) {
        if (Machine.isQuiet() || (Listeners.added() == null && !EventLog.isOn(process, level))) {
            return; // because building the text costs more than the crash
        }
        try {
            report.run();
        } catch (Throwable hostile) {
            String text =
                    process.pid
                            + " terminating, with a reason that cannot be shown: "
                            + hostile.getClass().getName();
            tell(process, reason, null, Optional.empty(), Level.ERROR, text);
        }
    }

    /// Reports the end of a spawned process. As on the BEAM, an exit that the process asked for
    /// itself is reported only if the process was started with a name for what it runs. Any other
    /// throwable is always reported.
    static void ofSpawned(SpawnedProcess process, Throwable thrown) {
        boolean exit = thrown instanceof ExitException;
        ExitReason reason = Thrown.reason(thrown);
        if (!exit || (process.reportsExits() && !reason.isOrderly())) {
            safely(
                    Level.ERROR,
                    process,
                    reason,
                    () -> {
                        Throwable cause = reason.cause();
                        begin("process ", process, reason)
                                .surroundings()
                                .tell(Level.ERROR, cause == null ? thrown : cause);
                    });
        }
    }
}
