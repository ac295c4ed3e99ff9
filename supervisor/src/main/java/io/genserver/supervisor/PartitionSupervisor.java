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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// A supervisor of several processes of the same kind, its partitions. Each partition serves a
/// share of the keys.
///
/// Use it if one process is too slow for all keys, and no process has to see all of them, such as
/// for a supervisor of very many children.
///
/// ```java
/// static final PartitionSupervisor SESSIONS =
///         PartitionSupervisor.of("Sessions", i -> DynamicSupervisor.childSpec(i, FLAGS));
///
/// Supervisor.startLink(List.of(SESSIONS.childSpec(), …), flags);
/// DynamicSupervisor.startChild(SESSIONS.via(user), Session.childSpec(user));
/// ```
///
/// Declare it once, as a constant, and run it as a child of a supervisor. While the number of
/// partitions stays the same, a key always leads to the same partition. To find it, a caller asks
/// no other process.
///
/// Source: Elixir's `PartitionSupervisor`.
public final class PartitionSupervisor implements ViaRegistry {

    private final String name;
    private final IntFunction<? extends ChildSpec<?>> child;
    private final int partitions;
    private final SupervisorFlags flags;

    /// The current run on each node. Set by the supervisor of that run, read by any thread.
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

        /// Changes the number of partitions in use. Runs in the supervisor, so resizes run one
        /// after the other.
        Resized resize(OrderedChildren children, int count) {
            int before = active;
            for (int i = before; i < count; i++) {
                if (children.restartChild(i) instanceof Start.Failed<?> failed
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

    /// The result of a resize.
    ///
    /// @param before how many partitions were in use
    /// @param failed the failed start of a partition, or null
    private record Resized(int before, Start.@Nullable Failed<?> failed) {}

    private PartitionSupervisor(
            String name,
            IntFunction<? extends ChildSpec<?>> child,
            int partitions,
            SupervisorFlags flags) {
        this.name = new Name(Arguments.notNull(name, "name")).name();
        this.child = Arguments.notNull(child, "child");
        this.partitions = partitions;
        this.flags = flags;
    }

    /// Declares a partition supervisor with one partition for each processor and the strategy
    /// [Strategy#ONE_FOR_ONE].
    ///
    /// @param name the name of the supervisor process, not blank
    /// @param child makes the child of a partition from its number, which starts from 0; runs in
    ///   the supervisor; the number replaces the child's id
    /// @return the partition supervisor, which does not run yet
    /// @throws IllegalArgumentException if the name is blank
    public static PartitionSupervisor of(String name, IntFunction<? extends ChildSpec<?>> child) {
        return new PartitionSupervisor(
                name,
                child,
                Runtime.getRuntime().availableProcessors(),
                SupervisorFlags.of(Strategy.ONE_FOR_ONE));
    }

    /// Returns another partition supervisor with the same name and another number of partitions.
    /// Use only the result, because both have the same name.
    ///
    /// @param count the number of partitions, 1 or more
    /// @return the changed partition supervisor
    /// @throws IllegalArgumentException if the number is less than 1
    public PartitionSupervisor withPartitions(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("expected 1 partition or more, got: " + count);
        }
        return new PartitionSupervisor(name, child, count, flags);
    }

    /// Returns another partition supervisor with the same name and other flags. Use only the
    /// result, because both have the same name.
    ///
    /// @param other how the supervisor reacts when partitions end; without an auto-shutdown
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

    /// Starts the partition supervisor, links it to the calling process, and waits until all
    /// partitions have started. Source: `PartitionSupervisor.start_link/1`.
    ///
    /// @return how the start went; fails with [io.genserver.ExitReason.AlreadyStarted] if it
    ///   already runs
    /// @throws io.genserver.ExitException as [io.genserver.GenServer#startLink] does
    public Start<PartitionSupervisor> startLink() {
        return Supervisor.startLink(
                PartitionSupervisor.class, this::init, partitions, StartOption.name(name));
    }

    /// Returns the specification of the partition supervisor, with its name as the id. Source:
    /// `PartitionSupervisor.child_spec/1`.
    ///
    /// @return the specification
    public ChildSpec<PartitionSupervisor> childSpec() {
        return ChildSpec.supervisor(name, this::startLink);
    }

    /// Makes the children. Runs in the supervisor.
    private SupervisorInit init(Integer count) {
        Run fresh = new Run(Processes.self(), count);
        List<ChildSpec<?>> children = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            children.add(partition(fresh, i));
        }
        run.set(fresh);
        return SupervisorInit.of(children, flags);
    }

    private ChildSpec<?> partition(Run of, int number) {
        return partition(
                of,
                number,
                Arguments.notNull(child.apply(number), "the child of partition " + number));
    }

    private static <G> ChildSpec<G> partition(Run of, int number, ChildSpec<G> spec) {
        return spec.withId(number)
                .withStart(() -> {
                    Start<? extends G> start = spec.start().get();
                    if (start instanceof Start.Ok(Pid pid)) {
                        of.pids.set(number, pid);
                    }
                    return start;
                });
    }

    private @Nullable Run runIfRunning() {
        Run known = run.get();
        return known == null || !Processes.isAlive(known.supervisor) ? null : known;
    }

    private Run running() {
        Run known = runIfRunning();
        if (known == null) {
            throw new IllegalStateException(notRunning());
        }
        return known;
    }

    private String notRunning() {
        return "expected the partition supervisor "
                + name
                + " to run, but it does not: start it, or have it as a child of a supervisor";
    }

    /// Returns a reference to the partition of a key.
    ///
    /// An `Integer` or a `Long` leads to the partition whose number is the remainder of its
    /// absolute value divided by the number of partitions. Any other key leads to the remainder of
    /// its hash code, never negative. The reference leads to no process while the partition is
    /// being restarted, while the partition supervisor does not run, and after a resize to 0. A
    /// call then fails with `noproc`, in the last two cases with a message that says so. A cast or
    /// a message that is sent becomes a dead letter in these two cases.
    ///
    /// Source: `{:via, PartitionSupervisor, {name, key}}`.
    ///
    /// @param key the key
    /// @return the reference
    public Via via(Object key) {
        return ServerRef.via(this, Arguments.notNull(key, "key"));
    }

    @Override
    public Optional<Pid> whereisName(Object key) {
        Arguments.notNull(key, "key");
        Run now = runIfRunning();
        if (now == null) {
            throw new NotRunningException(notRunning());
        }
        int active = now.active;
        if (active == 0) {
            throw new NotRunningException(
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

    /// Returns how many partitions are in use. Source: `PartitionSupervisor.partitions/1`.
    ///
    /// @return the number
    /// @throws IllegalStateException if the partition supervisor does not run
    public int partitions() {
        return running().active;
    }

    /// Changes the number of partitions in use, and waits, without limit, until partitions that are
    /// needed have started and the others have stopped. Keys then lead to other partitions.
    ///
    /// Source: `PartitionSupervisor.resize!/2`.
    ///
    /// @param count how many partitions to use, from 0 to the number at the start
    /// @return how many were in use before
    /// @throws IllegalArgumentException if the number is out of this range
    /// @throws StartException if a partition does not start; the number in use then stays the same
    /// @throws CallException if the supervisor is the calling process, or ends before it answers
    /// @throws IllegalStateException if the partition supervisor does not run
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

    /// Returns the partitions as children whose ids are their numbers. Source:
    /// `PartitionSupervisor.which_children/1`.
    ///
    /// @return the partitions, the highest number first
    /// @throws IllegalStateException if the partition supervisor does not run
    /// @throws CallException as [Supervisor#whichChildren(ProcessRef)] does
    public List<Child> whichChildren() {
        return Supervisor.whichChildren(running().supervisor);
    }

    /// Returns the partitions, as [#whichChildren()] does, and waits for a limited time.
    ///
    /// Source: `PartitionSupervisor.which_children/1`, which waits without limit.
    ///
    /// @param timeout how long to wait, 0 or more; [io.genserver.GenServer#INFINITY] for no limit
    /// @return the partitions, the highest number first
    /// @throws IllegalStateException if the partition supervisor does not run
    /// @throws CallException as [Supervisor#whichChildren(ProcessRef, Duration)] does
    /// @throws IllegalArgumentException if the timeout is negative
    public List<Child> whichChildren(Duration timeout) {
        Arguments.time(timeout, "timeout");
        return Supervisor.whichChildren(running().supervisor, timeout);
    }

    /// Counts the partitions, including those that a resize has stopped. Source:
    /// `PartitionSupervisor.count_children/1`.
    ///
    /// @return the counts
    /// @throws IllegalStateException if the partition supervisor does not run
    /// @throws CallException as [Supervisor#countChildren(ProcessRef)] does
    public ChildCount countChildren() {
        return Supervisor.countChildren(running().supervisor);
    }

    /// Counts the partitions, as [#countChildren()] does, and waits for a limited time.
    ///
    /// Source: `PartitionSupervisor.count_children/1`, which waits without limit.
    ///
    /// @param timeout how long to wait, 0 or more; [io.genserver.GenServer#INFINITY] for no limit
    /// @return the counts
    /// @throws IllegalStateException if the partition supervisor does not run
    /// @throws CallException as [Supervisor#countChildren(ProcessRef, Duration)] does
    /// @throws IllegalArgumentException if the timeout is negative
    public ChildCount countChildren(Duration timeout) {
        Arguments.time(timeout, "timeout");
        return Supervisor.countChildren(running().supervisor, timeout);
    }

    /// Stops the partition supervisor, after its partitions, and waits, without limit, until it has
    /// ended. Source: `PartitionSupervisor.stop/3`.
    ///
    /// @throws IllegalStateException if the partition supervisor does not run
    /// @throws CallException as [Supervisor#stop(ProcessRef)] does
    public void stop() {
        Supervisor.stop(running().supervisor);
    }

    @Override
    public String toString() {
        return "PartitionSupervisor[" + name + "]";
    }
}
