package kv.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LedgerTest {

    private static final int KEY = 0;

    private final Ledger ledger = new Ledger(1);

    /// Sends a put and returns what to remember for its answer.
    private long put() {
        ledger.put(KEY);
        return ledger.sentWrite(KEY);
    }

    private long delete() {
        ledger.delete(KEY);
        return ledger.sentWrite(KEY);
    }

    private boolean mayHold(long number) {
        return ledger.mayHold(KEY, ledger.sentGet(KEY), number);
    }

    private boolean mayBeMissing() {
        return ledger.mayBeMissing(KEY, ledger.sentGet(KEY));
    }

    @Test
    void a_value_may_be_seen_from_its_put_until_it_is_replaced() {
        assertThat(mayHold(0)).isFalse();
        long first = put();
        assertThat(mayHold(0)).isTrue();
        ledger.answered(KEY, first);
        long second = put();
        assertThat(mayHold(0)).isTrue();
        assertThat(mayHold(2)).isTrue();
        ledger.answered(KEY, second);

        assertThat(mayHold(0)).isFalse();
        assertThat(mayHold(2)).isTrue();
        assertThat(mayHold(4)).isFalse();
        assertThat(mayBeMissing()).isFalse();
    }

    @Test
    void a_get_that_was_sent_before_may_see_what_is_replaced_now() {
        ledger.answered(KEY, put());
        long remembered = ledger.sentGet(KEY);
        ledger.answered(KEY, put());

        assertThat(ledger.mayHold(KEY, remembered, 0)).isTrue();
        assertThat(mayHold(0)).isFalse();
    }

    @Test
    void of_puts_sent_at_the_same_time_any_may_be_the_last() {
        long first = put();
        long second = put();
        ledger.answered(KEY, second);
        ledger.answered(KEY, first);

        assertThat(mayHold(0)).isTrue();
        assertThat(mayHold(2)).isTrue();
    }

    @Test
    void a_value_may_be_missing_only_after_a_delete() {
        ledger.answered(KEY, put());
        assertThat(mayBeMissing()).isFalse();
        long deleted = delete();
        assertThat(mayBeMissing()).isTrue();
        assertThat(mayHold(0)).isTrue();
        ledger.answered(KEY, deleted);
        assertThat(mayHold(0)).isFalse();
        ledger.answered(KEY, delete());
        assertThat(mayBeMissing()).isTrue();
        ledger.answered(KEY, put());

        assertThat(mayBeMissing()).isFalse();
        assertThat(mayHold(2)).isTrue();
    }

    @Test
    void a_delete_has_no_value() {
        ledger.answered(KEY, put());
        delete();
        put();

        assertThat(mayHold(1)).isFalse();
    }

    @Test
    void a_write_without_an_answer_may_still_come() {
        put();
        ledger.answered(KEY, put());
        ledger.answered(KEY, put());

        assertThat(mayHold(0)).isTrue();
    }
}
