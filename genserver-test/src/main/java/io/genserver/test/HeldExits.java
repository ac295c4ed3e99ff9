package io.genserver.test;

import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.Processes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Holds back the exit signals to the calling process while it ends a linked process. On close the
/// signals of other processes take effect. The signal of the linked process does not.
///
/// The calling process traps exits until close. A mark in its mailbox separates the exit messages
/// of this time from earlier ones.
final class HeldExits implements AutoCloseable {

    private final Pid ending;
    private final Object mark = new Object();
    private final boolean trappedBefore = Processes.trapExits(true);

    HeldExits(Pid ending) {
        this.ending = ending;
        Processes.send(Processes.self(), mark);
    }

    /// Lets the signals take effect.
    ///
    /// @throws io.genserver.ExitException if a signal that was held back ends the calling process
    @Override
    public void close() {
        Processes.trapExits(trappedBefore);
        List<Exit> held = new ArrayList<>();
        for (Optional<Exit> exit = next(); exit.isPresent(); exit = next()) {
            held.add(exit.get());
        }
        Processes.receive(Match.value(mark), Duration.ZERO);
        for (Exit exit : held) {
            if (!exit.from().equals(ending) && !exit.reason().equals(ExitReason.NORMAL)) {
                Processes.exit(Processes.self(), exit.reason());
            }
        }
    }

    private Optional<Exit> next() {
        return Processes.receive(new AfterMark(), Duration.ZERO);
    }

    /// Takes the first exit message after the mark. If the process trapped exits before, takes only
    /// the message of the ended process and leaves the others to the process.
    private final class AfterMark implements Match<Exit> {

        private boolean found;

        @Override
        public @Nullable Exit match(Object message) {
            found |= message == mark;
            return found
                            && message instanceof Exit exit
                            && (!trappedBefore || exit.from().equals(ending))
                    ? exit
                    : null;
        }
    }
}
