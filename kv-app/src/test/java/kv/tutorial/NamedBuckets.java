package kv.tutorial;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.util.List;
import java.util.Optional;
import kv.Bucket;

/// Buckets with names, as the guide's later chapters have them: a registry of the library instead
/// of one of our own, and a supervisor that starts a bucket again after a crash.
final class NamedBuckets {

    static final ProcessRegistry<String, Void> REGISTRY = ProcessRegistry.unique("KV");
    static final Name SUPERVISOR = new Name("KV.BucketSupervisor");

    private NamedBuckets() {}

    static List<ChildSpec<?>> children() {
        return List.of(
                REGISTRY.childSpec(),
                DynamicSupervisor.childSpec(
                        SUPERVISOR.name(),
                        DynamicSupervisorFlags.DEFAULT,
                        StartOption.name(SUPERVISOR.name())));
    }

    /// Creates a bucket, or finds it if there is one of that name.
    static Server<Bucket> create(String name) {
        ChildSpec<Bucket> child =
                ChildSpec.worker(
                        Bucket.class, () -> Bucket.startLink(StartOption.name(REGISTRY.via(name))));
        return DynamicSupervisor.startChild(SUPERVISOR, child).serverOrExisting();
    }

    static Optional<Server<Bucket>> lookup(String name) {
        return REGISTRY.whereis(name).map(pid -> Server.of(pid, Bucket.class));
    }
}
