package io.genserver.simulation;

import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.Pid;
import io.genserver.ProcessRef;
import io.genserver.Processes;
import io.genserver.TaggedDown;
import io.genserver.spi.Machine.Travel;
import io.genserver.spi.ProcessRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What may go wrong in a run, and the choices of what does: crashes, late timers, and messages
/// that are late, lost or doubled. Only the thread that has the baton uses it. No method lets
/// another thread go on, because the [Baton] takes no steps while it calls them.
final class Faults {

    private final Policy policy;
    private final Recording recording;
    private final List<ProcessRef> mayCrash = new ArrayList<>();
    private final List<Rule> rules = new ArrayList<>();
    private long longestDelay; // of a timer, units: ns

    Faults(Policy policy, Recording recording) {
        this.policy = policy;
        this.recording = recording;
    }

    /// A rule, and the processes that have had the name of its sender.
    private record Rule(MessageFaults faults, Set<Pid> senders) {

        boolean concerns(Pid from, Pid to) {
            return faults.isTo(to) && (faults.isFrom(from) || wasFrom(from));
        }

        private boolean wasFrom(Pid from) {
            return senders.contains(from) && !Processes.isAlive(from);
        }
    }

    void mayCrash(ProcessRef process) {
        mayCrash.add(process);
    }

    void disturb(MessageFaults faults) {
        rules.add(new Rule(faults, new HashSet<>()));
        look();
    }

    void delayTimers(Duration longest) {
        longestDelay = longest.toNanos();
    }

    /// Has no fault happen from now on, so that what the system does about the last ones can be
    /// seen.
    void stop() {
        mayCrash.clear();
        rules.clear();
        longestDelay = 0;
    }

    /// Looks who has the names of senders, because a process that has ended has none. Called before
    /// each step.
    void look() {
        for (Rule rule : rules) {
            rule.faults().namedSender().ifPresent(rule.senders()::add);
        }
    }

    /// Returns when a timer fires that is armed for a deadline.
    long timerDue(long deadline) {
        return longestDelay == 0 ? deadline : deadline + part(longestDelay);
    }

    /// Chooses a process to be killed before the next step.
    ///
    /// @return null for none
    @Nullable Pid chooseVictim() {
        if (mayCrash.isEmpty()) {
            return null;
        }
        List<Pid> alive = new ArrayList<>(mayCrash.size());
        for (ProcessRef process : mayCrash) {
            ProcessRuntime.get()
                    .whereis(process.untyped())
                    .filter(Processes::isAlive)
                    .ifPresent(alive::add);
        }
        if (alive.isEmpty()) {
            return null;
        }
        int chosen = policy.chooseFault(alive.size());
        recording.chosen(chosen);
        return chosen == 0 ? null : alive.get(chosen - 1);
    }

    Travel travel(Pid from, Pid to, Object message, boolean isRequest) {
        if (rules.isEmpty()) {
            return Travel.AT_ONCE;
        }
        boolean arrivesOnce =
                isRequest
                        || message instanceof Exit
                        || message instanceof Down
                        || message instanceof TaggedDown;
        int copies = 1;
        long delay = 0;
        for (Rule rule : rules) {
            if (!rule.concerns(from, to)) {
                continue;
            }
            MessageFaults faults = rule.faults();
            if (!arrivesOnce) {
                copies -= happens(faults.lost());
                copies += copies > 0 ? happens(faults.twice()) : 0;
            }
            if (happens(faults.late()) > 0) {
                delay += delay(faults.longest());
            }
        }
        return new Travel(Math.max(0, copies), delay);
    }

    /// Returns a random number from 0 (inclusive) to 1 (exclusive).
    double random() {
        return (double) parts(Policy.DELAYS) / (Policy.DELAYS + 1);
    }

    private long part(long whole) {
        return whole * parts(Policy.DELAYS) / Policy.DELAYS;
    }

    /// Returns how late a message is that is late, 1 or more. Units: ns
    private long delay(long longest) {
        return Math.max(1, longest * (1 + parts(Policy.DELAYS - 1)) / Policy.DELAYS);
    }

    private int parts(int most) {
        int chosen = policy.chooseDelay(most);
        recording.chosen(chosen);
        return chosen;
    }

    private int happens(double probability) {
        if (probability == 0) {
            return 0;
        }
        int chosen = policy.happens(probability);
        recording.chosen(chosen);
        return chosen;
    }
}
