package kv.server;

import io.genserver.ExitReason;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.Server;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.ProcessRegistry;
import java.util.List;
import java.util.Optional;

/// The buckets by name: a registry and a supervisor. Any process may use it.
///
/// Buckets are permanent children. A bucket that crashes is started again under its name.
final class Buckets {

    /// The name of the bucket supervisor.
    static final Name SUPERVISOR = new Name("KV.BucketSupervisor");

    private static final ProcessRegistry<String, Void> REGISTRY =
            ProcessRegistry.unique("KV.Registry");

    private final Memory memory;

    Buckets(Memory memory) {
        this.memory = memory;
    }

    /// Returns the specifications of the registry and the supervisor, in this order.
    static List<ChildSpec<?>> childSpecs() {
        return List.of(
                REGISTRY.childSpec(),
                DynamicSupervisor.childSpec(
                        SUPERVISOR.name(),
                        DynamicSupervisorFlags.DEFAULT,
                        StartOption.name(SUPERVISOR.name())));
    }

    /// Creates a bucket, unless there is one of that name.
    Outcome create(String name) {
        return find(name).isPresent() ? Outcome.DONE : start(name);
    }

    private Outcome start(String name) {
        if (!memory.hasRoom()) {
            return Outcome.OUT_OF_MEMORY;
        }
        Start<Bucket> start = DynamicSupervisor.startChild(SUPERVISOR, childSpec(name));
        return switch (start) {
            case Start.Failed<Bucket>(ExitReason.AlreadyStarted _) -> Outcome.DONE;
            default -> {
                start.pid(); // throws if the bucket did not start
                yield Outcome.DONE;
            }
        };
    }

    private ChildSpec<Bucket> childSpec(String name) {
        return ChildSpec.worker(
                Bucket.class,
                () ->
                        new Bucket(name, memory)
                                .startLink(
                                        StartOption.name(REGISTRY.via(name)),
                                        StartOption.nonBlocking()));
    }

    /// Finds a bucket.
    Optional<Server<Bucket>> find(String name) {
        return REGISTRY.whereis(name).map(pid -> Server.of(pid, Bucket.class));
    }

    /// Returns how many buckets there are.
    static int count() {
        return REGISTRY.count();
    }

    /// Returns the names of the buckets, in alphabetical order.
    static List<String> names() {
        return REGISTRY.select(_ -> true).stream()
                .map(ProcessRegistry.Entry::key)
                .sorted()
                .toList();
    }

    /// Returns the name of the bucket that a process is.
    static Optional<String> nameOf(Pid bucket) {
        return REGISTRY.keys(bucket).stream().findFirst();
    }
}
