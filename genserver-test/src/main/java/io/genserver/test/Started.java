package io.genserver.test;

import io.genserver.Pid;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who started a process, and where.
///
/// @param pid the process
/// @param starter the process that started it; null for a thread that is no process, or for a
///   process that was started before its node was watched
/// @param origin the process that started its starter, and so on up to one without a starter; the
///   process itself if it has none. Only this one is kept, because a chain of all of them would
///   grow for as long as processes start their successors.
/// @param stack the stack of its start; null if it was not recorded
record Started(Pid pid, @Nullable Pid starter, Pid origin, @Nullable Throwable stack) {

    /// Returns whether the process is one of some processes, which have no starter, or one of these
    /// has started it, or started the process that has started it, and so on.
    boolean isFrom(Set<Pid> roots) {
        return roots.contains(origin) || roots.contains(pid);
    }

    /// Returns the stack of the start without the frames of this project and of the JDK at its top.
    StackTraceElement[] where() {
        return stack == null ? new StackTraceElement[0] : usersPart(stack.getStackTrace());
    }

    /// Returns a stack from the first frame of the user's code on. Returns the whole stack if it
    /// has no such frame.
    static StackTraceElement[] usersPart(StackTraceElement[] stack) {
        for (int i = 0; i < stack.length; i++) {
            if (!isOurs(stack[i])) {
                return Arrays.copyOfRange(stack, i, stack.length);
            }
        }
        return stack;
    }

    /// Returns whether a frame belongs to a module of this project or of the JDK. The frames of
    /// tests that lie in the project's own packages do not.
    private static boolean isOurs(StackTraceElement frame) {
        String type = frame.getClassName();
        if (type.startsWith("java.") || type.startsWith("jdk.")) {
            return true;
        }
        return OURS.stream().anyMatch(name -> type.equals(name) || type.startsWith(name + "$"))
                || type.startsWith("io.genserver.runtime.")
                || type.startsWith("io.genserver.spi.")
                || type.startsWith("io.genserver.supervisor.");
    }

    /// The classes that start processes and lie in a package with classes of tests.
    private static final Set<String> OURS =
            Set.of(
                    "io.genserver.Agent",
                    "io.genserver.GenServer",
                    "io.genserver.ProcLib",
                    "io.genserver.Processes",
                    "io.genserver.test.ChildStart",
                    "io.genserver.test.Life",
                    "io.genserver.test.Probe",
                    "io.genserver.test.Records",
                    "io.genserver.test.TestListener",
                    "io.genserver.test.TestSupervisor");
}
