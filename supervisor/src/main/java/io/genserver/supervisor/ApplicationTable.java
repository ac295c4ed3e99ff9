package io.genserver.supervisor;

import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.spi.PerNode;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/// Knows what each application that runs was started with. The name alone does not tell whether two
/// applications are the same.
///
/// A master adds its application first in `init`, and removes it last in `terminate`. If it is
/// killed, its entry stays until the next master of the name adds its own. So an entry counts only
/// if its master has the name.
final class ApplicationTable {

    /// An application that runs.
    ///
    /// @param configuration the configuration that it reads, which is watched
    record Entry(Pid master, Application application, Configuration configuration) {

        /// Returns whether an application is the one that runs. Instances of a class that does not
        /// define `equals` cannot be told apart, so they are the same application.
        boolean isOf(Application other) {
            return isSame(application, other);
        }

        /// Returns how an application and its configuration differ from what runs.
        ///
        /// @return the text of the difference; null if there is none
        @Nullable String differenceTo(Application other, Configuration given) {
            if (!application.getClass().equals(other.getClass())) {
                return "one of the class " + application.getClass().getName();
            }
            if (!isOf(other)) {
                return "another instance of the class " + application.getClass().getName();
            }
            List<String> settings = configuration.differences(given);
            return settings.isEmpty() ? null : "one with other values of the settings " + settings;
        }
    }

    /// How long to wait for a master that has its name and has not added its application yet.
    private static final Duration MOMENT = Duration.ofMillis(1);

    private static final PerNode<ConcurrentMap<String, Entry>> ENTRIES = new PerNode<>();

    private ApplicationTable() {}

    private static ConcurrentMap<String, Entry> entries() {
        return ENTRIES.getOrSet(ConcurrentHashMap::new);
    }

    /// Adds an application. Its master.
    static void add(String name, Entry entry) {
        entries().put(name, entry);
    }

    /// Removes an application. Its master.
    static void remove(String name) {
        entries().remove(name);
    }

    /// Returns the application that runs under a name; null if none does. An application that is
    /// being started or stopped counts as running.
    static @Nullable Entry find(String name) {
        Optional<Pid> master = GenServer.whereis(ApplicationMaster.reference(name));
        while (master.isPresent()) {
            Entry entry = entries().get(name);
            if (entry != null && entry.master().equals(master.get())) {
                return entry;
            }
            if (!mayBeMaster(master.get())) {
                return null;
            }
            Processes.sleep(MOMENT); // it is about to add its application, or about to end
            master = GenServer.whereis(ApplicationMaster.reference(name));
        }
        return null;
    }

    /// Returns false if some other process has the name of a master. Before a server is created its
    /// initial call is `GenServer`.
    private static boolean mayBeMaster(Pid pid) {
        return Processes.info(pid)
                .map(ProcessInfo::initialCall)
                .filter(call ->
                        !call.equals(Application.class.getName()) && !call.equals("GenServer"))
                .isEmpty();
    }

    /// Returns whether two applications are the same.
    static boolean isSame(Application one, Application other) {
        return one == other
                || (one.getClass().equals(other.getClass())
                        && (!definesEquals(one.getClass()) || one.equals(other)));
    }

    private static boolean definesEquals(Class<?> type) {
        try {
            Method equals = type.getMethod("equals", Object.class);
            return !equals.getDeclaringClass().equals(Object.class);
        } catch (NoSuchMethodException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
