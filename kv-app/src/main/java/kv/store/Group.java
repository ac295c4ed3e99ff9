package kv.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kv.store.Submissions.Submission;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The changes that are committed together, by owner.
final class Group {

    private static final Logger log = LoggerFactory.getLogger(Group.class);

    /// The changes of one owner, in the order in which they were submitted.
    private record Share<C>(Store.Owner<C> owner, List<Change<C>> changes) {}

    private final Map<Store.Owner<?>, Share<?>> shares = new LinkedHashMap<>();
    private final List<Table.Cell> cells;
    private final List<Submission<?>> stale = new ArrayList<>(); // of owners that were replaced

    /// Puts a group together. Tells nobody, so if this fails for lack of memory, all of the changes
    /// can be refused.
    ///
    /// @param owners the only owner of a bucket, if it has one
    Group(List<Submission<?>> submissions, Map<String, Store.Owner<?>> owners) {
        this.cells = new ArrayList<>(submissions.size());
        for (Submission<?> submission : submissions) {
            String bucket = submission.change().bucket();
            if (submission.change() instanceof Change.Create<?>
                    || owners.getOrDefault(bucket, submission.owner()).equals(submission.owner())) {
                add(submission);
            } else {
                stale.add(submission);
            }
        }
    }

    /// Refuses the changes of owners that others have replaced.
    void refuseStale() {
        for (Submission<?> submission : stale) {
            refuse(
                    submission,
                    new StoreException("another process has taken the bucket over", null));
        }
    }

    static <C> void refuse(Submission<C> submission, StoreException why) {
        tell(() -> submission.owner().failed(List.of(submission.change()), why));
    }

    private <C> void add(Submission<C> submission) {
        cells.add(cell(submission.change()));
        @SuppressWarnings("unchecked") // the share of this owner
        Share<C> share =
                (Share<C>)
                        shares.computeIfAbsent(
                                submission.owner(),
                                _ -> new Share<>(submission.owner(), new ArrayList<>()));
        share.changes().add(submission.change());
    }

    private static Table.Cell cell(Change<?> change) {
        String prefix = prefix(change.bucket());
        return switch (change) {
            case Change.Create<?> _ -> new Table.Cell(prefix, "");
            case Change.Put<?> put -> new Table.Cell(prefix + put.key(), put.value());
            case Change.Delete<?> delete -> new Table.Cell(prefix + delete.key(), null);
        };
    }

    /// Returns what the keys of a bucket's entries begin with: its name and a space. That alone is
    /// the key of the bucket's mark, which is there from its creation.
    static String prefix(String bucket) {
        return bucket + ' ';
    }

    /// Returns where the name of the bucket ends in the key of a cell.
    static int endOfBucket(String key) {
        return key.indexOf(' ');
    }

    List<Table.Cell> cells() {
        return cells;
    }

    void committed() {
        for (Share<?> share : shares.values()) {
            committed(share);
        }
    }

    private static <C> void committed(Share<C> share) {
        tell(() -> share.owner().committed(share.changes()));
    }

    void failed(StoreException why) {
        for (Share<?> share : shares.values()) {
            failed(share, why);
        }
    }

    private static <C> void failed(Share<C> share, StoreException why) {
        tell(() -> share.owner().failed(share.changes(), why));
    }

    /// An owner that fails must not keep the others from being told.
    private static void tell(Runnable message) {
        try {
            message.run();
        } catch (Throwable e) {
            log.error("an owner of changes failed when it was told about them", e);
        }
    }
}
