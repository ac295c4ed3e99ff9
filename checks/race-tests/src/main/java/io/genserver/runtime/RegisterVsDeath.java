package io.genserver.runtime;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.genserver.Name;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/// The name of a dead process is free, and a death frees no name of another process. See
/// [NameTable].
public final class RegisterVsDeath {

    private static final NameTable NAMES = BareProcess.NODE.names;

    private RegisterVsDeath() {}

    /// Returns a name that no other test object has.
    private static Name nameOf(LocalProcess process) {
        return new Name("name of " + process.pid);
    }

    /// Registers a process and returns the outcome.
    private static String tryRegister(LocalProcess process, Name name) {
        try {
            LocalProcess holder = process.register(name);
            return holder == null ? "registered" : "taken";
        } catch (IllegalArgumentException dead) {
            return "refused";
        }
    }

    /// Describes who holds a name, including entries of dead processes.
    private static String holder(Name name, LocalProcess expected) {
        @Nullable LocalProcess found = NAMES.whereis(name.name());
        if (found != null) {
            return found == expected ? "held" : "held by another";
        }
        return NAMES.names.containsKey(name.name()) ? "left over" : "free";
    }

    @JCStressTest
    @Outcome(id = "registered, free", expect = ACCEPTABLE, desc = "The registration was first.")
    @Outcome(id = "refused, free", expect = ACCEPTABLE, desc = "The death was first.")
    @Outcome(expect = FORBIDDEN, desc = "The dead has the name.")
    @State
    public static class RegisterAndDeath {
        private final BareProcess process = new BareProcess();
        private final Name name = nameOf(process);
        private String how = "";

        @Actor
        public void register() {
            how = tryRegister(process, name);
        }

        @Actor
        public void killer() {
            process.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = how + ", " + holder(name, process);
        }
    }

    /// The table alone, without the lock of the process around it.
    @JCStressTest
    @Outcome(id = "free", expect = ACCEPTABLE, desc = "No entry of the dead is left.")
    @Outcome(expect = FORBIDDEN, desc = "The dead has the name, or an entry of it is left over.")
    @State
    public static class ClaimAndDeath {
        private final BareProcess process = new BareProcess();
        private final Name name = nameOf(process);

        @Actor
        public void claim() {
            NAMES.claim(name.name(), process);
        }

        @Actor
        public void killer() {
            process.die(BareProcess.BOOM);
            NAMES.free(name.name(), process);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = holder(name, process);
        }
    }

    @JCStressTest
    @Outcome(id = "registered, held", expect = ACCEPTABLE, desc = "The name went to the heir.")
    @Outcome(id = "taken, free", expect = ACCEPTABLE, desc = "The heir came too early.")
    @Outcome(expect = FORBIDDEN, desc = "The death took the heir's name, or the dead keeps it.")
    @State
    public static class HeirAndDeath {
        private final BareProcess holder = new BareProcess();
        private final BareProcess heir = new BareProcess();
        private final Name name = nameOf(holder);
        private String how = "";

        public HeirAndDeath() {
            holder.register(name);
        }

        @Actor
        public void heir() {
            how = tryRegister(heir, name);
        }

        @Actor
        public void killer() {
            holder.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = how + ", " + holder(name, heir);
            heir.unregister(name.name()); // the table is shared by all test objects
        }
    }

    @JCStressTest
    @Outcome(id = "registered, taken", expect = ACCEPTABLE, desc = "The first has the name.")
    @Outcome(id = "taken, registered", expect = ACCEPTABLE, desc = "The second has the name.")
    @Outcome(expect = FORBIDDEN, desc = "Both have it, or neither.")
    @State
    public static class TwoRegister {
        private final BareProcess first = new BareProcess();
        private final BareProcess second = new BareProcess();
        private final Name name = nameOf(first);
        private String howFirst = "";
        private String howSecond = "";

        @Actor
        public void first() {
            howFirst = tryRegister(first, name);
        }

        @Actor
        public void second() {
            howSecond = tryRegister(second, name);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = howFirst + ", " + howSecond;
            first.unregister(name.name()); // the table is shared by all test objects
            second.unregister(name.name());
        }
    }

    /// A process is unregistered by name while another thread gives it another name.
    @JCStressTest
    @Outcome(
            id = "freed, renamed, held",
            expect = ACCEPTABLE,
            desc = "One thread freed the old name.")
    @Outcome(id = "not freed, renamed, held", expect = ACCEPTABLE, desc = "The other one did.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "The new name was lost, or the process and the table differ.")
    @State
    public static class UnregisterAndRename {
        private final BareProcess process = new BareProcess();
        private final Name before = nameOf(process);
        private final Name after = new Name("other " + before.name());
        private String freed = "";
        private String renamed = "";

        public UnregisterAndRename() {
            process.register(before);
        }

        @Actor
        public void unregister() {
            freed = process.unregister(before.name()) ? "freed" : "not freed";
        }

        @Actor
        public void rename() {
            process.unregister(before.name());
            renamed = tryRegister(process, after).equals("registered") ? "renamed" : "kept";
        }

        @Arbiter
        public void look(L_Result result) {
            String table = holder(after, process);
            boolean same =
                    process.name()
                            .equals(
                                    table.equals("held")
                                            ? Optional.of(after.name())
                                            : Optional.empty());
            result.r1 = freed + ", " + renamed + ", " + (same ? table : "process and table differ");
            process.unregister(after.name()); // the table is shared by all test objects
        }
    }
}
