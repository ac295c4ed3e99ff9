package io.genserver.runtime;

import io.genserver.Action;
import io.genserver.DebugOption;
import io.genserver.ServerRef;
import io.genserver.StartOption;
import io.genserver.WhenFull;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The options of one start. If an option is given twice, the later one counts; debug options add
/// up.
final class StartOptions {

    private @Nullable ServerRef name;
    private long initTimeout = TimeUnits.FOREVER;
    private long hibernateAfter = TimeUnits.FOREVER;
    private @Nullable Duration idleTimeout;
    private boolean terminatesOnExit;
    private boolean skipAbandonedCalls;
    private StartOption.@Nullable Mailbox bound;
    private int mailboxWarning;
    private final Set<RunMode.Where> threads = EnumSet.noneOf(RunMode.Where.class);
    private final List<DebugOption> debug = new ArrayList<>(0);

    private StartOptions() {}

    static StartOptions of(StartOption... options) {
        StartOptions result = new StartOptions();
        for (StartOption option : options) {
            result.take(option);
        }
        if (result.threads.size() > 1) {
            throw new IllegalArgumentException(
                    "expected one of nonBlocking(), ownThread() and platformThread(), got more: each"
                            + " says which thread runs the server");
        }
        return result;
    }

    private void take(StartOption option) {
        switch (option) {
            case StartOption.Named(ServerRef wanted) -> name = wanted;
            case StartOption.InitTimeout(var limit) ->
                    initTimeout = TimeUnits.nanos("initTimeout", limit);
            case StartOption.HibernateAfter(var idle) ->
                    hibernateAfter = TimeUnits.nanos("hibernateAfter", idle);
            case StartOption.IdleTimeout(var idle) -> idleTimeout = idle;
            case StartOption.OwnThread() -> threads.add(RunMode.Where.VIRTUAL);
            case StartOption.PlatformThread() -> threads.add(RunMode.Where.PLATFORM);
            case StartOption.NonBlocking() -> threads.add(RunMode.Where.CALLERS);
            case StartOption.TerminateOnExit() -> terminatesOnExit = true;
            case StartOption.Mailbox wanted -> bound = wanted;
            case StartOption.MailboxWarning(int length) -> mailboxWarning = length;
            case StartOption.SkipAbandonedCalls() -> skipAbandonedCalls = true;
            case StartOption.Debug(List<DebugOption> more) -> debug.addAll(more);
        }
    }

    /// Returns the name to register, or null.
    @Nullable ServerRef name() {
        return name;
    }

    /// Returns how long init may take. Units: ns
    long initTimeout() {
        return initTimeout;
    }

    RunMode mode() {
        RunMode.Where thread = threads.isEmpty() ? RunMode.Where.SHARED : threads.iterator().next();
        RunMode mode = RunMode.of(thread, hibernateAfter, terminatesOnExit, skipAbandonedCalls);
        return idleTimeout == null ? mode : mode.withIdle(Action.timeout(idleTimeout));
    }

    /// Creates the mailbox.
    Mailbox mailbox() {
        StartOption.Mailbox wanted = bound;
        if (wanted == null) {
            return mailboxWarning == 0
                    ? new Mailbox()
                    : new BoundedMailbox(Integer.MAX_VALUE, WhenFull.fail(), mailboxWarning);
        }
        int mark = mailboxWarning == 0 ? wanted.defaultWarning() : mailboxWarning;
        return new BoundedMailbox(wanted.limit(), wanted.whenFull(), mark);
    }

    /// Returns what watches the server from its start.
    List<DebugOption> debug() {
        return debug;
    }
}
