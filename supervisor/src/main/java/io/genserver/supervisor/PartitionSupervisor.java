package io.genserver.supervisor;

import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartException;
import io.genserver.StartOption;
import io.genserver.Via;
import io.genserver.ViaRegistry;
import io.genserver.spi.PerNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Several of the same process, each for its share of the keys: for a server that one process is
/// too few for and that needs no view of the whole, such as a supervisor of very many children.
///
/// ```java
/// static final PartitionSupervisor SESSIONS =
///         PartitionSupervisor.of("Sessions", i -> DynamicSupervisor.childSpec(i, FLAGS));
///
/// Supervisor.startLink(List.of(SESSIONS.childSpec(), …), flags);
/// DynamicSupervisor.startChild(SESSIONS.via(user), Session.childSpec(user));
/// ```
///
/// It is declared once, as a constant, and runs as a child of a supervisor. A key always leads to
/// the same partition while there are as many; finding it needs no other process.
///
/// Source: Elixir's `PartitionSupervisor`.
public final class PartitionSupervisor implements ViaRegistry {

    private final String name;
    private final IntFunction<ChildSpec> child;
    private final int partitions;
    private final SupervisorFlags flags;

    /// The partitions of the present run on each node. Set by its supervisor, read by any thread.
    private final PerNode<Run> run = new PerNode<>();

    /// One run. Written by the supervisor, read by any thread.
    private static final class Run {
        final Pid supervisor;
        final AtomicReferenceArray<@Nullable Pid> pids;
        volatile int active;

        Run(Pid supervisor, int partitions) {
            this.supervisor = supervisor;
            this.pids = new AtomicReferenceArray<>(partitions);
            this.active = partitions;
        }

        /// Uses fewer partitions, or more of them again. Runs in the supervisor, so one resize
        /// comes after the other.
        Resized resize(OrderedChildren children, int count) {
            int before = active;
            for (int i = before; i < count; i++) {
                if (children.restartChild(i) instanceof Start.Failed failed
                        && !failed.reason().equals(ExitReason.of(ChildError.RUNNING))) {
                    return new Resized(before, failed);
                }
            }
            active = count;
            for (int i = before - 1; i >= count; i--) {
                children.terminateChild(i);
            }
            return new Resized(before, null);
        }
    }

    /// How a resize went.
    ///
    /// @param before how many partitions were used
    /// @param failed how one did not start, or null
    private record Resized(int before, Start.@Nullable Failed failed) {}

    private PartitionSupervisor(
            String name, IntFunction<ChildSpec> child, int partitions, SupervisorFlags flags) {
        this.name = new Name(Arguments.notNull(name, "name")).name();
        this.child = Arguments.notNull(child, "child");
        this.partitions = partitions;
        this.flags = flags;
    }

    /// Declares one with as many partitions as there are processors, each restarted on its own.
    ///
    /// @param name the name of the supervisor, not blank
    /// @param child the child of a partition, by its number from 0; its id does not matter
    /// @return the partition supervisor, which does not run yet
    public static PartitionSupervisor of(String name, IntFunction<ChildSpec> child) {
        return new PartitionSupervisor(
                name,
                child,
                Runtime.getRuntime().availableProcessors(),
                SupervisorFlags.of(Strategy.ONE_FOR_ONE));
    }

    /// The same with another number of partitions. Another object: keep this one and drop the
    /// other.
    ///
    /// @param count how many, 1 or more
    /// @return the changed partition supervisor
    /// @throws IllegalArgumentException if the number is less than 1
    public PartitionSupervisor withPartitions(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("expected 1 partition or more, got: " + count);
        }
        return new PartitionSupervisor(name, child, count, flags);
    }

    /// The same with other flags. Another object: keep this one and drop the other.
    ///
    /// @param other how it reacts when partitions end; no partition is significant
    /// @return the changed partition supervisor
    /// @throws IllegalArgumentException if the flags have an auto-shutdown
    public PartitionSupervisor withFlags(SupervisorFlags other) {
        if (Arguments.notNull(other, "flags").autoShutdown() != AutoShutdown.NEVER) {
            throw new IllegalArgumentException(
                    "expected the flags of a partition supervisor without auto-shutdown, got: "
                            + other.autoShutdown());
        }
        return new PartitionSupervisor(name, child, partitions, other);
    }

    /// Starts it, linked to the calling process. Source: `PartitionSupervisor.start_link/1`.
    ///
    /// @return how it went
    public Start startLink() {
        return Supervisor.startLink(
                PartitionSupervisor.class, this::init, partitions, StartOption.name(name));
    }

    /// It as the child of a supervisor. Source: `PartitionSupervisor.child_spec/1`.
    ///
    /// @return the specification
    public ChildSpec childSpec() {
        return ChildSpec.supervisor(name, this::startLink);
    }

    /// In the supervisor.
    private SupervisorInit init(Integer count) {
        Run fresh = new Run(Processes.self(), count);
        List<ChildSpec> children = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            children.add(partition(fresh, i));
        }
        run.set(fresh);
        return SupervisorInit.of(children, flags);
    }

    private ChildSpec partition(Run of, int number) {
        ChildSpec spec = Arguments.notNull(child.apply(number), "the child of partition " + number);
        return spec.withId(number)
                .withStart(() -> {
                    Start start = spec.start().get();
                    if (start instanceof Start.Ok(Pid pid)) {
                        of.pids.set(number, pid);
                    }
                    return start;
                });
    }

    private Run running() {
        Run known = run.get();
        if (known == null || !Processes.isAlive(known.supervisor)) {
            throw new IllegalStateException(
                    "expected the partition supervisor "
                            + name
                            + " to run, but it does not: start it, or have it as a child of a"
                            + " supervisor");
        }
        return known;
    }

    /// Refers to whatever process is the partition of a key: of a whole number its rest divided by
    /// the number of partitions, of anything else that of its hash code. Source: `{:via,
    /// PartitionSupervisor, {name, key}}`.
    ///
    /// @param key the key
    /// @return the reference
    public Via via(Object key) {
        return ServerRef.via(this, Arguments.notNull(key, "key"));
    }

    @Override
    public Optional<Pid> whereisName(Object key) {
        Arguments.notNull(key, "key");
        Run now = running();
        int active = now.active;
        if (active == 0) {
            throw new IllegalStateException(
                    "expected the partition supervisor "
                            + name
                            + " to have partitions, but it has been resized to zero partitions");
        }
        int number =
                switch (key) {
                    case Integer whole -> (int) (Math.abs((long) whole) % active);
                    case Long whole -> (int) Math.abs(whole % active);
                    default -> Math.floorMod(key.hashCode(), active);
                };
        return Optional.ofNullable(now.pids.get(number)).filter(Processes::isAlive);
    }

    @Override
    public boolean registerName(Object key, Pid pid) {
        throw new IllegalArgumentException(
                "expected a registry to register " + pid + " with, got: " + this);
    }

    @Override
    public void unregisterName(Object key) {
        throw new IllegalArgumentException("expected a registry, got: " + this);
    }

    /// How many partitions are in use. Source: `PartitionSupervisor.partitions/1`.
    ///
    /// @return the number
    /// @throws IllegalStateException if it does not run
    public int partitions() {
        return running().active;
    }

    /// Uses fewer partitions, or more of them again; keys then lead elsewhere. Those that are not
    /// used are stopped. Source: `PartitionSupervisor.resize!/2`.
    ///
    /// @param count how many to use, from 0 to as many as it was started with
    /// @return how many were used before
    /// @throws IllegalArgumentException if the number is outside of that range
    /// @throws StartException if a partition does not start again; as many are used as before
    /// @throws CallException if the supervisor ends before it has done so, or calls this itself
    /// @throws IllegalStateException if it does not run
    public int resize(int count) {
        Run now = running();
        if (count < 0 || count > now.pids.length()) {
            throw new IllegalArgumentException(
                    "expected 0 to " + now.pids.length() + " partitions, got: " + count);
        }
        Resized resized =
                SupervisorRequest.ask(
                        now.supervisor,
                        new SupervisorRequest.Change<>(
                                "resize to " + count, children -> now.resize(children, count)));
        if (resized.failed() != null) {
            resized.failed().pid(); // throws
        }
        return resized.before();
    }

    /// The partitions, with their numbers for ids. Source: `PartitionSupervisor.which_children/1`.
    ///
    /// @return the partitions
    /// @throws IllegalStateException if it does not run
    public List<Child> whichChildren() {
        return Supervisor.whichChildren(running().supervisor);
    }

    /// How many partitions there are, those among them that were stopped by a resize. Source:
    /// `PartitionSupervisor.count_children/1`.
    ///
    /// @return the counts
    /// @throws IllegalStateException if it does not run
    public ChildCount countChildren() {
        return Supervisor.countChildren(running().supervisor);
    }

    /// Stops it, the partitions before it, and waits until they have ended. Source:
    /// `PartitionSupervisor.stop/3`.
    ///
    /// @throws IllegalStateException if it does not run
    public void stop() {
        Supervisor.stop(running().supervisor);
    }

    @Override
    public String toString() {
        return "PartitionSupervisor[" + name + "]";
    }
}
