package io.genserver.runtime;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.genserver.ExitReason;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/// An exit signal comes over a link once, and never after an unlink. No process keeps a link that
/// the other process does not have. See [LifeCycle].
public final class LinkUnlinkExit {

    private static final ExitReason BANG = ExitReason.of("bang");

    private LinkUnlinkExit() {}

    private static boolean knows(LifeCycle process, LifeCycle other) {
        return process.relationsNow().links.list().contains(other);
    }

    @JCStressTest
    @Outcome(id = "linked, exits: 1", expect = ACCEPTABLE, desc = "Linked first, told of the exit.")
    @Outcome(id = "noproc, exits: 0", expect = ACCEPTABLE, desc = "The exit was first.")
    @Outcome(expect = FORBIDDEN, desc = "Linked and not told, or told twice, or half a link left.")
    @State
    public static class LinkAndExit {
        private final BareProcess linker = BareProcess.trapping();
        private final BareProcess other = new BareProcess();
        private boolean linked;

        @Actor
        public void linker() {
            linked = LifeCycle.link(linker, other);
        }

        @Actor
        public void other() {
            other.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 =
                    (linked ? "linked" : "noproc")
                            + ", exits: "
                            + linker.exits()
                            + (knows(linker, other) ? ", half a link" : "");
        }
    }

    @JCStressTest
    @Outcome(id = "exits: 1", expect = ACCEPTABLE, desc = "Linked first, the other is told.")
    @Outcome(id = "exits: 0", expect = ACCEPTABLE, desc = "The linker was dead first.")
    @Outcome(expect = FORBIDDEN, desc = "The other is told twice, or keeps a link with the dead.")
    @State
    public static class LinkAndOwnExit {
        private final BareProcess linker = new BareProcess();
        private final BareProcess other = BareProcess.trapping();

        @Actor
        public void linker() {
            LifeCycle.link(linker, other);
        }

        @Actor
        public void killer() {
            linker.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = "exits: " + other.exits() + (knows(other, linker) ? ", half a link" : "");
        }
    }

    @JCStressTest
    @Outcome(id = "before: 1, after: 0", expect = ACCEPTABLE, desc = "The exit was first.")
    @Outcome(id = "before: 0, after: 0", expect = ACCEPTABLE, desc = "The unlink was first.")
    @Outcome(expect = FORBIDDEN, desc = "An exit came after the unlink, or twice.")
    @State
    public static class UnlinkAndExit {
        private final BareProcess unlinker = BareProcess.trapping();
        private final BareProcess other = new BareProcess();
        private int before;

        public UnlinkAndExit() {
            LifeCycle.link(unlinker, other);
        }

        @Actor
        public void unlinker() {
            LifeCycle.unlink(unlinker, other);
            before = unlinker.exits();
        }

        @Actor
        public void other() {
            other.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 =
                    "before: "
                            + before
                            + ", after: "
                            + (unlinker.exits() - before)
                            + (knows(unlinker, other) ? ", half a link" : "");
        }
    }

    @JCStressTest
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "The unlink was first.")
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "The link was first.")
    @Outcome(expect = FORBIDDEN, desc = "Half a link: one keeps it, and the other has it not.")
    @State
    public static class LinkAndUnlink {
        private final BareProcess linker = new BareProcess();
        private final BareProcess unlinker = new BareProcess();

        @Actor
        public void linker() {
            LifeCycle.link(linker, unlinker);
        }

        @Actor
        public void unlinker() {
            LifeCycle.unlink(unlinker, linker);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = knows(linker, unlinker) + ", " + knows(unlinker, linker);
        }
    }

    @JCStressTest
    @Outcome(id = "boom, boom", expect = ACCEPTABLE, desc = "The first takes the second along.")
    @Outcome(id = "bang, bang", expect = ACCEPTABLE, desc = "The second takes the first along.")
    @Outcome(id = "boom, bang", expect = ACCEPTABLE, desc = "Each ends by itself.")
    @Outcome(expect = FORBIDDEN, desc = "One lives on, or they have swapped their reasons.")
    @State
    public static class BothExit {
        private final BareProcess first = new BareProcess();
        private final BareProcess second = new BareProcess();

        public BothExit() {
            LifeCycle.link(first, second);
        }

        @Actor
        public void first() {
            first.die(BareProcess.BOOM);
        }

        @Actor
        public void second() {
            second.die(BANG);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = first.exitReason() + ", " + second.exitReason();
        }
    }
}
