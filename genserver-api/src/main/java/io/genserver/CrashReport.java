package io.genserver;

import java.util.List;
import java.util.Optional;
import org.slf4j.event.Level;

/// What a process reported when it ended with a reason that is not orderly. The runtime logs each
/// report and gives it to every [io.genserver.spi.RuntimeListener]. Source: the crash reports of
/// `proc_lib` and the error reports of `gen_server`.
///
/// A process that an exit signal ends does not report, because the fault lies elsewhere.
///
/// @param pid the process
/// @param registeredName its local name
/// @param label its label, see [Processes#setLabel]
/// @param initialCall the code it runs: the class of a server, the name given to [ProcLib], or
///   `spawn`
/// @param reason its exit reason, with the throwable if something was thrown
/// @param exception what the process threw, also to exit; empty if it ended without a throwable
/// @param lastMessage the last message of a server, as the log shows it: by its type, unless the
///   server or the system property `genserver.reports` chose to show more; empty if the process is
///   no server or has handled no message
/// @param ancestors the process that started it, the one that started that, and so on
/// @param level the level at which the report is logged, see [GenServer#crashLevel]
/// @param text the whole report as it is logged
public record CrashReport(
        Pid pid,
        Optional<String> registeredName,
        Optional<Object> label,
        String initialCall,
        ExitReason reason,
        Optional<Throwable> exception,
        Optional<String> lastMessage,
        List<ServerRef> ancestors,
        Level level,
        String text) {

    /// Keeps a copy of the list.
    public CrashReport {
        ancestors = List.copyOf(ancestors);
    }
}
