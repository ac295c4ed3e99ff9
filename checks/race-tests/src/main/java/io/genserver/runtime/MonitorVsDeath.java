package io.genserver.runtime;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.genserver.Down;
import io.genserver.ExitException;
import java.util.stream.Collectors;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/// A monitor fires once, and not after a demonitor. Neither process keeps it afterwards. See
/// [LifeCycle].
public final class MonitorVsDeath {

    private MonitorVsDeath() {}

    /// Describes what is left of a monitor that should be gone.
    private static String left(LifeCycle watcher, LifeCycle target) {
        return (watcher.relationsNow().monitoring.list().isEmpty() ? "" : ", watcher keeps it")
                + (target.relationsNow().monitoredBy.list().isEmpty() ? "" : ", target keeps it");
    }

    @JCStressTest
    @Outcome(id = "boom", expect = ACCEPTABLE, desc = "The monitor was first.")
    @Outcome(id = "noproc", expect = ACCEPTABLE, desc = "The death was first.")
    @Outcome(expect = FORBIDDEN, desc = "No down message, or two, or something stays behind.")
    @State
    public static class MonitorAndDeath {
        private final BareProcess watcher = new BareProcess();
        private final BareProcess target = new BareProcess();

        @Actor
        public void watcher() {
            watcher.monitor(target, target.pid, Monitor.Options.NONE);
        }

        @Actor
        public void killer() {
            target.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = watcher.downs() + left(watcher, target);
        }
    }

    @JCStressTest
    @Outcome(id = "boom boom", expect = ACCEPTABLE, desc = "The second monitor was in time.")
    @Outcome(id = "boom noproc", expect = ACCEPTABLE, desc = "The second monitor was too late.")
    @Outcome(expect = FORBIDDEN, desc = "The second monitor was heard of first, or one was not.")
    @State
    public static class SecondMonitorAndDeath {
        private final BareProcess watcher = new BareProcess();
        private final BareProcess target = new BareProcess();

        public SecondMonitorAndDeath() {
            watcher.monitor(target, target.pid, Monitor.Options.NONE);
        }

        @Actor
        public void watcher() {
            watcher.monitor(target, target.pid, Monitor.Options.NONE);
        }

        @Actor
        public void killer() {
            target.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 =
                    watcher.messages().stream()
                                    .map(message -> ((Down) message).reason().toString())
                                    .collect(Collectors.joining(" "))
                            + left(watcher, target);
        }
    }

    @JCStressTest
    @Outcome(id = "found: true, downs: 0", expect = ACCEPTABLE, desc = "The demonitor was first.")
    @Outcome(id = "found: false, downs: boom", expect = ACCEPTABLE, desc = "The death was first.")
    @Outcome(expect = FORBIDDEN, desc = "A down message too many or too late, or none at all.")
    @State
    public static class DemonitorAndDeath {
        private final BareProcess watcher = new BareProcess();
        private final BareProcess target = new BareProcess();
        private final Monitor monitor = watcher.monitor(target, target.pid, Monitor.Options.NONE);
        private boolean found;
        private String atOnce = "";

        @Actor
        public void watcher() {
            found = watcher.demonitor(monitor);
            atOnce = watcher.downs();
        }

        @Actor
        public void killer() {
            target.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            String inTheEnd = watcher.downs();
            result.r1 =
                    "found: "
                            + found
                            + ", downs: "
                            + inTheEnd
                            + (inTheEnd.equals(atOnce) ? "" : ", too late")
                            + left(watcher, target);
        }
    }

    @JCStressTest
    @Outcome(id = "clean", expect = ACCEPTABLE, desc = "The target knows of no watcher.")
    @Outcome(expect = FORBIDDEN, desc = "The target keeps the monitor of a dead watcher.")
    @State
    public static class MonitorAndOwnDeath {
        private final BareProcess watcher = new BareProcess();
        private final BareProcess target = new BareProcess();

        @Actor
        public void watcher() {
            try {
                watcher.monitor(target, target.pid, Monitor.Options.NONE);
            } catch (ExitException dead) {
                // the watcher had died already
            }
        }

        @Actor
        public void killer() {
            watcher.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = "clean" + left(watcher, target);
        }
    }
}
