package kv.server;

import io.genserver.Call;
import io.genserver.GenServer;
import io.genserver.Match;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.Server;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.ProcessRegistry;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import kv.nodes.Entry;
import kv.store.Change;
import kv.store.Store;
import kv.store.StoreException;
import org.jspecify.annotations.Nullable;

/// The buckets of one program: a registry and a supervisor.
///
/// Buckets are permanent children. A bucket that crashes is started again under its name, with a
/// store also with its entries. After a start of the program, a bucket of the store starts when a
/// client first asks for it.
final class LocalBuckets implements Buckets {

    /// The name of the bucket supervisor.
    static final Name SUPERVISOR = new Name("KV.BucketSupervisor");

    private static final ProcessRegistry<String, Void> REGISTRY =
            ProcessRegistry.unique("KV.Registry");

    /// How long a client waits until the store has written the creation of a bucket.
    private static final Duration CREATE_LIMIT = Duration.ofSeconds(5);

    /// How the creation of a bucket went in the store. Sent to the process that waits for it.
    private record Created(Ref waiting, Outcome outcome) {}

    private record Creations(Memory memory) implements Store.Owner<Ref> {

        @Override
        public void committed(List<Change<Ref>> changes) {
            changes.forEach(change -> memory.stored(change.bucket()));
            tell(changes, Outcome.DONE);
        }

        @Override
        public void failed(List<Change<Ref>> changes, StoreException why) {
            tell(changes, Outcome.of(why));
        }

        private static void tell(List<Change<Ref>> changes, Outcome outcome) {
            for (Change<Ref> change : changes) {
                Processes.send(change.caller(), new Created(change.caller(), outcome));
            }
        }
    }

    private final Memory memory;
    private final @Nullable Store store;

    /// @param store where the buckets survive; null for nowhere
    LocalBuckets(Memory memory, @Nullable Store store) {
        this.memory = memory;
        this.store = store;
    }

    @Override
    public List<ChildSpec<?>> childSpecs() {
        return List.of(
                REGISTRY.childSpec(),
                DynamicSupervisor.childSpec(
                        SUPERVISOR.name(),
                        DynamicSupervisorFlags.DEFAULT,
                        StartOption.name(SUPERVISOR.name())));
    }

    @Override
    public Outcome create(String name) {
        if (find(name).isPresent()) {
            return Outcome.DONE;
        }
        if (!memory.hasRoom()) {
            return Outcome.OUT_OF_MEMORY;
        }
        Outcome stored = store == null ? Outcome.DONE : createIn(store, name);
        if (stored == Outcome.DONE) {
            start(name);
        }
        return stored;
    }

    private Outcome createIn(Store store, String name) {
        Ref waiting = Processes.replyAlias();
        store.submit(new Change.Create<>(name, waiting), new Creations(memory));
        Match<Created> answer =
                Match.type(Created.class, created -> created.waiting().equals(waiting));
        return Processes.receive(answer, CREATE_LIMIT)
                .map(Created::outcome)
                .orElse(Outcome.STORE_FAILED);
    }

    @Override
    public Optional<Entry> get(String bucket, String key) {
        return find(bucket).map(found -> new Entry(Bucket.get(found, key)));
    }

    @Override
    public <Q extends Bucket.Request & Call<Outcome>> Begun write(String name, Q request) {
        Optional<Server<Bucket>> bucket = find(name);
        if (bucket.isEmpty()) {
            return new Begun.Done(Outcome.NOT_FOUND);
        }
        return store == null
                ? new Begun.Done(GenServer.call(bucket.get(), request))
                : new Begun.Waits(GenServer.sendRequest(bucket.get(), request));
    }

    @Override
    public Optional<Pid> subscribe(String name, Subscriber subscriber) {
        Optional<Server<Bucket>> bucket = find(name);
        bucket.ifPresent(found -> Bucket.subscribe(found, subscriber));
        return bucket.map(Server::pid);
    }

    /// Finds a bucket.
    ///
    /// @throws io.genserver.StartException if the store has the bucket and cannot read it
    Optional<Server<Bucket>> find(String name) {
        Optional<Pid> running = REGISTRY.whereis(name);
        if (running.isPresent() || store == null) {
            return running.map(pid -> Server.of(pid, Bucket.class));
        }
        return store.contains(name) ? Optional.of(start(name)) : Optional.empty();
    }

    private Server<Bucket> start(String name) {
        return DynamicSupervisor.startChild(SUPERVISOR, childSpec(name)).serverOrExisting();
    }

    private ChildSpec<Bucket> childSpec(String name) {
        return ChildSpec.worker(Bucket.class, () -> startLink(name));
    }

    private Start<Bucket> startLink(String name) {
        Bucket bucket = new Bucket(name, memory, store);
        StartOption registered = StartOption.name(REGISTRY.via(name));
        return store == null
                ? bucket.startLink(registered, StartOption.nonBlocking())
                : bucket.startLink(registered); // a store may keep its callers waiting
    }

    @Override
    public List<String> list(int most) {
        Stream<String> all =
                store == null
                        ? all().stream().map(ProcessRegistry.Entry::key)
                        : memory.storedNames();
        return all.limit(most)
                .map(name ->
                        name + " " + REGISTRY.whereis(name).map(Pid::toString).orElse("stored"))
                .toList();
    }

    @Override
    public List<String> info() {
        return List.of("store " + (store == null ? "volatile" : "durable"));
    }

    @Override
    public List<String> stats() {
        return List.of("buckets " + count());
    }

    /// Returns how many buckets run.
    static int count() {
        return REGISTRY.count();
    }

    /// Returns the buckets that run, in alphabetical order.
    static List<ProcessRegistry.Entry<String, Void>> all() {
        return REGISTRY.select(_ -> true).stream()
                .sorted(Comparator.comparing(ProcessRegistry.Entry::key))
                .toList();
    }

    @Override
    public Optional<String> nameOf(Pid bucket) {
        return REGISTRY.keys(bucket).stream().findFirst();
    }
}
