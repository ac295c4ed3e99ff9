package io.genserver.runtime;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.spi.Machine;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// The log record of a process that ends with a reason that is not orderly. It is one record with
/// everything that is needed to find out why.
final class CrashReport {

    private static final Logger PROCESSES = LoggerFactory.getLogger(GenServer.class);

    private final StringBuilder text;
    private final LocalProcess process;

    private CrashReport(String kind, LocalProcess process, ExitReason reason) {
        this.process = process;
        text = new StringBuilder(kind).append(process.describe());
        process.name().ifPresent(name -> text.append(", registered as ").append(name));
        text.append(" terminating");
        line("label", process.label().map(SafeText::of).orElse(""));
        line("reason", SafeText.of(reason));
    }

    /// Begins the report of a process.
    static CrashReport begin(String kind, LocalProcess process, ExitReason reason) {
        return new CrashReport(kind, process, reason);
    }

    /// Adds a line, unless the text is empty.
    CrashReport line(String what, String value) {
        if (!value.isEmpty()) {
            text.append("\n  ").append(what).append(": ").append(value);
        }
        return this;
    }

    /// Adds the ancestors, the links and the number of waiting messages.
    CrashReport surroundings() {
        line("ancestors", list(process.ancestors()));
        line("links", list(process.links()));
        return line("messages waiting", String.valueOf(process.mailbox.length()));
    }

    private static String list(List<?> references) {
        return references.stream().map(Object::toString).collect(Collectors.joining(", "));
    }

    void log(Logger log, Level level, @Nullable Throwable cause) {
        log.makeLoggingEventBuilder(level)
                .setCause(cause == null ? null : CauseChain.shortened(cause))
                .log("{}", text);
    }

    /// Writes a report if the log level is on. A cause or a state that cannot be shown must not
    /// keep the process from ending.
    static void safely(Logger log, Level level, LocalProcess process, Runnable report) {
        if (Machine.isQuiet() || !log.isEnabledForLevel(level)) {
            return; // because building the text costs more than the crash
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

    /// Reports the end of a spawned process. As on the BEAM, an exit that the process asked for
    /// itself is reported only if the process was started with a name for what it runs. Any other
    /// throwable is always reported.
    static void ofSpawned(SpawnedProcess process, Throwable thrown) {
        boolean exit = thrown instanceof ExitException;
        ExitReason reason = Thrown.reason(thrown);
        if (!exit || (process.reportsExits() && !reason.isOrderly())) {
            safely(
                    PROCESSES,
                    Level.ERROR,
                    process,
                    () -> {
                        Throwable cause = reason.cause();
                        begin("process ", process, reason)
                                .surroundings()
                                .log(PROCESSES, Level.ERROR, cause == null ? thrown : cause);
                    });
        }
    }
}
