package kv.load;

import java.util.Arrays;

/// Knows what each key may hold.
///
/// Each write gets a number when it is sent: a put the next even number of its key, a delete the
/// odd number after the last put. Requests of different connections may overtake each other, so a
/// GET may see any write that was not certainly replaced before the GET was sent. A write has
/// certainly replaced those that were answered before it was sent, as soon as it is answered
/// itself.
final class Ledger {

    private final long[] last; // the greatest number of each key
    private final long[] deleted; // the greatest number of a delete, -1 if there was none
    private final long[] floor; // the smallest number that is not certainly replaced
    private final int[] unanswered; // how many writes are unanswered
    private final long[] burst; // the first write since no write was unanswered

    Ledger(int keys) {
        this.last = new long[keys];
        this.deleted = new long[keys];
        this.floor = new long[keys];
        this.unanswered = new int[keys];
        this.burst = new long[keys];
        Arrays.fill(last, -2);
        Arrays.fill(deleted, -1);
    }

    /// Returns the number of a put that is sent now.
    long put(int key) {
        return sent(key, (last[key] + 2) & ~1L);
    }

    /// Notes that a delete is sent now.
    void delete(int key) {
        deleted[key] = sent(key, last[key] | 1);
    }

    private long sent(int key, long number) {
        last[key] = number;
        if (unanswered[key]++ == 0) {
            burst[key] = number;
        }
        return number;
    }

    /// Returns a number that is needed to check the answer to a write. The write has just been
    /// sent.
    long sentWrite(int key) {
        return burst[key];
    }

    /// Returns a number that is needed to check the answer to a GET. The GET is sent now.
    long sentGet(int key) {
        return floor[key];
    }

    /// Notes the answer of a write. A write that was refused or lost has no answer here: it may
    /// still replace others at any time.
    void answered(int key, long remembered) {
        unanswered[key]--;
        floor[key] = Math.max(floor[key], remembered);
    }

    /// Returns whether the answer of a GET may be the value of the write with this number.
    boolean mayHold(int key, long remembered, long number) {
        return number >= remembered && number <= last[key] && (number & 1) == 0;
    }

    /// Returns whether the answer of a GET may be that there is no value.
    boolean mayBeMissing(int key, long remembered) {
        return deleted[key] >= remembered;
    }
}
