package io.genserver.runtime;

import io.genserver.CrashReport;
import io.genserver.DeadLetter;
import io.genserver.GenServer;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.StartOption;
import io.genserver.spi.RuntimeListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// The listener that writes the runtime's events to the log. It is the last one of [Listeners], so
/// that an appender that blocks delays no other listener.
final class EventLog implements RuntimeListener {

    private static final Logger PROCESSES = LoggerFactory.getLogger(GenServer.class);
    private static final Logger LOST = LoggerFactory.getLogger(DeadLetter.class);
    private static final Logger LOAD = LoggerFactory.getLogger(StartOption.class);

    /// Returns whether a crash of a process is logged at this level.
    static boolean isOn(LocalProcess process, Level level) {
        return logger(process).isEnabledForLevel(level);
    }

    /// Returns whether messages that reach no process are logged.
    static boolean hasDeadLetters() {
        return LOST.isDebugEnabled();
    }

    private static Logger logger(LocalProcess process) {
        return LoggerFactory.getLogger(process.loggerName());
    }

    @Override
    public void crashed(Node node, CrashReport report) {
        LocalProcess process = ((ProcessPid) report.pid()).process();
        (process == null ? PROCESSES : logger(process))
                .makeLoggingEventBuilder(report.level())
                .setCause(report.exception().map(CauseChain::shortened).orElse(null))
                .log("{}", report.text());
    }

    @Override
    public void deadLetter(Node node, DeadLetter letter) {
        if (hasDeadLetters()) {
            LOST.debug("{} to {}: {}", letter.reason(), letter.to(), SafeText.of(letter.message()));
        }
    }

    @Override
    public void longTurn(Node node, Pid pid, String server, boolean nonBlocking, String stack) {
        LOAD.warn(
                "{} has been {}{}",
                who(pid, server),
                nonBlocking
                        ? "in one turn for a second or more, although it is nonBlocking(), and holds up"
                                + " its callers: start it without that option, or do the work in a"
                                + " task"
                        : "computing for a second or more and holds up others: give it"
                                + " StartOption.platformThread(), or do the work in a task",
                stack);
    }

    @Override
    public void longMailbox(Node node, Pid pid, String server, int length, int mark) {
        LOAD.warn(
                "{} has {} messages in its mailbox, which warns at {}: it gets more than it"
                        + " handles",
                who(pid, server),
                length,
                mark);
    }

    private static String who(Pid pid, String server) {
        LocalProcess process = ((ProcessPid) pid).process();
        String name = process == null ? null : process.nameWithoutLock();
        return pid + " (" + server + ")" + (name == null ? "" : ", registered as " + name + ",");
    }
}
