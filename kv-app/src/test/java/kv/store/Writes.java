package kv.store;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Submits changes and waits for what becomes of them.
final class Writes implements Store.Owner<Writes.Write> {

    private static final Writes OWNER = new Writes();

    private Writes() {}

    /// A change that has been submitted. It ends with the reason of its failure, or with null.
    static final class Write {
        private final CompletableFuture<@Nullable StoreException> end = new CompletableFuture<>();

        /// Waits until the change is committed. Fails if it is not.
        void await() throws Exception {
            StoreException why = end();
            if (why != null) {
                throw new AssertionError("expected the change to be committed", why);
            }
        }

        /// Waits until the change has failed. Fails if it is committed.
        StoreException failure() throws Exception {
            return Objects.requireNonNull(end(), "the change was committed");
        }

        private @Nullable StoreException end() throws Exception {
            return end.get(20, TimeUnit.SECONDS);
        }

        /// Waits for the end of the change and returns whether it is committed.
        boolean succeeds() throws Exception {
            return end() == null;
        }

        /// Returns whether the change is committed by now.
        boolean isCommitted() {
            return end.isDone() && end.join() == null;
        }
    }

    @Override
    public void committed(List<Change<Write>> changes) {
        changes.forEach(change -> change.caller().end.complete(null));
    }

    @Override
    public void failed(List<Change<Write>> changes, StoreException why) {
        changes.forEach(change -> change.caller().end.complete(why));
    }

    static Write create(Store store, String bucket) {
        Write write = new Write();
        store.submit(new Change.Create<>(bucket, write), OWNER);
        return write;
    }

    static Write put(Store store, String bucket, String key, String value) {
        Write write = new Write();
        store.submit(new Change.Put<>(bucket, key, value, write), OWNER);
        return write;
    }

    static Write delete(Store store, String bucket, String key) {
        Write write = new Write();
        store.submit(new Change.Delete<>(bucket, key, write), OWNER);
        return write;
    }
}
