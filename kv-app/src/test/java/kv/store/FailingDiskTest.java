package kv.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a store does when its disk fails.
@Timeout(60)
class FailingDiskTest {

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

    private final FailingDisk disk = new FailingDisk();
    private Store store = DurableStore.open(disk, PAUSE);

    @BeforeEach
    void put() throws Exception {
        Writes.create(store, "a").await();
        Writes.put(store, "a", "old", "1").await();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void a_write_that_fails_is_reported_and_the_next_one_succeeds_on_a_table_opened_again()
            throws Exception {
        disk.next.add(FailingDisk.Write.FAIL);
        assertThat(Writes.put(store, "a", "new", "2").failure()).isSameAs(disk.ioError);
        assertThat(store.load("a")).containsExactly(Map.entry("old", "1"));

        Writes.put(store, "a", "new", "3").await();
        assertThat(disk.opened()).isEqualTo(2);
        assertThat(store.load("a")).containsOnly(Map.entry("old", "1"), Map.entry("new", "3"));
        assertThat(store.statistics().failure()).isEmpty();
    }

    @Test
    void a_write_that_was_reported_as_failed_is_taken_back_if_its_bytes_have_reached_the_log()
            throws Exception {
        Writes.put(store, "a", "deleted", "1").await();
        disk.gate = new CountDownLatch(1);
        Writes.Write first = Writes.put(store, "a", "first", "1");
        await().until(disk::isWriting); // so that the others gather
        disk.next.addAll(
                List.of(FailingDisk.Write.SUCCEED, FailingDisk.Write.FAIL_AND_REACH_THE_LOG));
        List<Writes.Write> failing =
                List.of(
                        Writes.put(store, "a", "old", "2"),
                        Writes.put(store, "a", "old", "3"),
                        Writes.put(store, "a", "new", "2"),
                        Writes.delete(store, "a", "deleted"),
                        Writes.create(store, "b"));
        disk.gate.countDown();
        first.await();
        for (Writes.Write write : failing) {
            write.failure();
        }
        Writes.put(store, "a", "after", "1").await();

        for (int opens = 0; opens < 2; opens++) {
            assertThat(store.contains("b")).isFalse();
            assertThat(store.load("a"))
                    .containsOnly(
                            Map.entry("old", "1"),
                            Map.entry("deleted", "1"),
                            Map.entry("first", "1"),
                            Map.entry("after", "1"));
            store.close();
            store = DurableStore.open(disk, PAUSE);
        }
    }

    @Test
    void a_broken_table_is_opened_again_without_a_write() throws Exception {
        disk.next.add(FailingDisk.Write.FAIL_AND_REACH_THE_LOG);
        Writes.put(store, "a", "new", "2").failure();

        await().until(() -> disk.opened() == 2);
        await().until(() -> store.statistics().failure().isEmpty());
        assertThat(store.load("a")).containsExactly(Map.entry("old", "1"));
    }

    @Test
    void while_the_disk_is_full_writes_fail_and_reads_go_on() throws Exception {
        disk.full = true;
        for (int i = 0; i < 3; i++) {
            assertThat(Writes.put(store, "a", "new", "2").failure().isDiskFull()).isTrue();
            assertThat(store.load("a")).containsExactly(Map.entry("old", "1"));
        }
        disk.full = false;
        Writes.put(store, "a", "new", "3").await();
        assertThat(disk.opened()).isEqualTo(1); // nothing was written, so nothing has broken
    }

    @Test
    void a_broken_table_can_be_read_while_the_disk_has_no_room_for_a_new_one() throws Exception {
        disk.next.add(FailingDisk.Write.FAIL);
        Writes.Write failing = Writes.put(store, "a", "new", "2");
        disk.full = true;
        failing.failure();
        for (int i = 0; i < 3; i++) {
            Writes.put(store, "a", "new", "2").failure();
            assertThat(store.load("a")).containsExactly(Map.entry("old", "1"));
        }
        disk.full = false;
        await().until(() -> Writes.put(store, "a", "new", "3").succeeds());
    }

    @Test
    void reads_fail_while_the_table_cannot_be_opened_and_go_on_when_it_is() throws Exception {
        disk.opens = false;
        disk.next.add(FailingDisk.Write.FAIL);
        Writes.put(store, "a", "new", "2").failure();
        Writes.put(store, "a", "new", "2").failure();
        await().untilAsserted(
                        () -> assertThatThrownBy(() -> store.load("a")).isSameAs(disk.ioError));
        assertThat(store.statistics().failure()).contains(disk.ioError);
        disk.opens = true;

        await().until(() -> disk.opened() == 2);
        await().until(() -> Writes.put(store, "a", "new", "3").succeeds());
        assertThat(store.load("a")).containsOnly(Map.entry("old", "1"), Map.entry("new", "3"));
    }

    @Test
    void an_owner_that_fails_does_not_keep_others_from_being_told() throws Exception {
        class Fails implements Store.Owner<String> {
            @Override
            public void committed(List<Change<String>> changes) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void failed(List<Change<String>> changes, StoreException why) {
                throw new IllegalStateException("on purpose");
            }
        }
        disk.gate = new CountDownLatch(1);
        store.submit(new Change.Put<>("a", "k", "v", ""), new Fails());
        Writes.Write other = Writes.put(store, "a", "l", "v");
        disk.gate.countDown();

        other.await();
        Writes.put(store, "a", "m", "v").await();
    }

    @Test
    void who_submits_waits_while_too_much_waits_for_a_commit() throws Exception {
        disk.gate = new CountDownLatch(1);
        Thread writer = Thread.ofVirtual().start(this::submitMuch);
        await().until(() -> writer.getState() == Thread.State.WAITING);
        assertThat(store.load("a")).isNotEmpty(); // reads do not wait

        disk.gate.countDown();
        assertThat(writer.join(java.time.Duration.ofSeconds(20))).isTrue();
        store.close();
        store = DurableStore.open(disk, PAUSE);
        assertThat(store.load("a")).hasSize(41);
    }

    @Test
    void an_interrupt_ends_the_wait_and_the_change_is_submitted() throws Exception {
        disk.gate = new CountDownLatch(1);
        Thread writer = Thread.ofVirtual().start(this::submitMuch);
        await().until(() -> writer.getState() == Thread.State.WAITING);
        writer.interrupt();
        assertThat(writer.join(java.time.Duration.ofSeconds(20))).isTrue();

        disk.gate.countDown();
        store.close();
        store = DurableStore.open(disk, PAUSE);
        assertThat(store.load("a")).hasSize(41);
    }

    /// Submits more than may wait.
    private void submitMuch() {
        String megabyte = "x".repeat(1 << 20);
        for (int i = 0; i < 40; i++) {
            Writes.Write unused = Writes.put(store, "a", "k" + i, megabyte);
            assertThat(unused).isNotNull();
        }
    }
}
