package kv.store;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import kv.store.Submissions.Submission;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Commits changes in groups: while one group is synced, the next one gathers. So more writers
/// share each sync, and the disk's rate of syncs does not limit the rate of changes.
///
/// One platform thread commits. It is no process and no other object has a reference to it, so no
/// exit signal can interrupt it in the middle of a commit.
final class DurableStore implements Store {

    private static final Logger log = LoggerFactory.getLogger(DurableStore.class);

    /// How much may wait for a commit, and so how large a group becomes. Units: chars
    private static final long LIMIT = 4L << 20;

    /// The time between two attempts to open a broken table again. Units: ns
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final Disk disk;
    private final ReopeningTable table;
    private final long pause;
    private final Submissions submissions = new Submissions(LIMIT);
    private final Thread committer =
            Thread.ofPlatform().daemon().name("kv-store").unstarted(this::commitAll);

    /// The owner of each bucket that has been taken over. Any thread.
    private final Map<String, Owner<?>> owners = new ConcurrentHashMap<>();

    // Written by the committing thread, read by all threads.
    private final AtomicLong writes = new AtomicLong();
    private final AtomicLong syncs = new AtomicLong();
    private volatile @Nullable StoreException failure; // why no changes are taken, or null

    private DurableStore(Disk disk, long pause) {
        this.disk = disk;
        this.pause = pause;
        this.table = new ReopeningTable(disk, pause);
    }

    static Store open(Disk disk) throws StoreException {
        return open(disk, PAUSE);
    }

    static Store open(Disk disk, long pause) throws StoreException {
        try {
            DurableStore store = new DurableStore(disk, pause);
            store.committer.start();
            return store;
        } catch (Throwable e) {
            disk.close();
            throw e;
        }
    }

    @Override
    public boolean contains(String bucket) {
        return table.get(Group.prefix(bucket)) != null;
    }

    @Override
    public Map<String, String> load(String bucket) {
        Map<String, String> entries = new HashMap<>();
        table.scan(Group.prefix(bucket), entries::put);
        entries.remove(""); // the bucket's mark
        return entries;
    }

    @Override
    public void visit(Visitor visitor) {
        table.scan(
                "",
                (key, value) -> {
                    int end = Group.endOfBucket(key);
                    visitor.entry(key.substring(0, end), key.substring(end + 1), value);
                });
    }

    @Override
    public Map<String, String> takeOver(String bucket, Owner<?> owner) {
        // A group is put together either after this line, without changes of earlier owners, or
        // before it. Then its changes were submitted before the wait begins, which includes them.
        owners.put(bucket, owner);
        try {
            submissions.awaitHandled();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("the process that opened the bucket was ended", e);
        }
        return load(bucket);
    }

    @Override
    public <C> void submit(Change<C> change, Owner<C> owner) {
        if (!submissions.add(new Submission<>(change, owner))) {
            owner.failed(List.of(change), new StoreException("the store is closed", null));
        }
    }

    @Override
    public Statistics statistics() {
        return new Statistics(
                writes.get(), syncs.get(), disk.bytes(), Optional.ofNullable(failure));
    }

    @Override
    public void close() {
        submissions.close();
        boolean interrupted = false;
        while (committer.isAlive()) {
            try {
                committer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // The committing thread

    private void commitAll() {
        try (table) {
            for (List<Submission<?>> taken = take(); taken != null; taken = take()) {
                commit(taken);
                submissions.handled();
            }
        }
    }

    private void commit(List<Submission<?>> taken) {
        Group group;
        try {
            group = new Group(taken, owners);
        } catch (Throwable e) { // the end of memory; nothing has been written
            StoreException why = StoreException.of(e);
            noteFailure(why);
            taken.forEach(submission -> Group.refuse(submission, why));
            return;
        }
        group.refuseStale();
        commit(group);
    }

    /// Waits for changes. After a failure it also returns without any, when it is time to look
    /// whether the store can take changes again.
    private @Nullable List<Submission<?>> take() {
        try {
            return submissions.take(failure == null ? Long.MAX_VALUE : pause);
        } catch (InterruptedException e) {
            throw new IllegalStateException("expected no interrupt of the committing thread", e);
        }
    }

    private void commit(Group group) {
        try {
            if (group.cells().isEmpty()) {
                table.prepare();
            } else {
                table.write(group.cells());
                writes.addAndGet(group.cells().size());
                syncs.incrementAndGet();
            }
        } catch (StoreException e) {
            noteFailure(e);
            group.failed(e);
            return;
        }
        noteSuccess();
        group.committed();
    }

    private void noteFailure(StoreException why) {
        if (failure == null) {
            log.error(
                    "the store takes no changes until this has ended: {}",
                    why.getMessage(),
                    why.isDiskFull() ? null : why);
        }
        failure = why;
    }

    private void noteSuccess() {
        if (failure != null) {
            log.warn("the store takes changes again");
        }
        failure = null;
    }
}
