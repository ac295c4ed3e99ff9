package kv.server;

import static kv.server.Running.awaitSubscriber;
import static kv.server.Running.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.ExitReason;
import io.genserver.Processes;
import io.genserver.test.AllowCrashes;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import kv.store.Change;
import kv.store.Failures;
import kv.store.Store;
import kv.store.StoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Buckets that survive.
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class DurableTest {

    @TempDir private Path folder;

    private static Running start(TestSupervisor test, Store store) throws IOException {
        return Running.start(test, Running.WIDE, Access.open(), null, store);
    }

    private Store open(TestSupervisor test) {
        Store store = Store.open(folder.resolve("data"));
        test.onExit(store::close);
        return store;
    }

    @Test
    @AllowCrashes
    void a_bucket_that_crashes_comes_back_with_its_entries(TestSupervisor test) throws IOException {
        Running kv = start(test, open(test));
        try (Client client = kv.client()) {
            client.send("CREATE a\r\nPUT a k 1\r\nPUT a l 2\r\nDELETE a l\r\n");
            assertThat(client.lines(4)).containsOnly("OK");
            var crashed = kv.buckets().find("a").orElseThrow();

            Processes.exit(crashed.pid(), ExitReason.KILL);
            until(() -> !kv.buckets().find("a").equals(Optional.of(crashed)));

            client.send("GET a k\r\nGET a l\r\n");
            assertThat(client.lines(4)).containsExactly("1", "OK", "", "OK");
        }
    }

    @Test
    void a_bucket_of_the_store_is_there_when_a_client_first_asks(TestSupervisor test)
            throws IOException {
        Store store = open(test);
        Running before = start(test, store);
        try (Client client = before.client()) {
            client.send("CREATE a\r\nPUT a k 1\r\n");
            client.lines(2);
        }
        test.stopSupervised("kv");

        Running after = start(test, store);
        try (Client client = after.client()) {
            client.send("GET b k\r\nGET a k\r\nPUT a k 2\r\nGET a k\r\n");
            assertThat(client.lines(6)).containsExactly("NOT FOUND", "1", "OK", "OK", "2", "OK");
        }
    }

    @Test
    void buckets_of_the_store_are_listed_and_not_loaded(TestSupervisor test) throws IOException {
        Store store = open(test);
        Running before = start(test, store);
        try (Client client = before.client()) {
            client.send("CREATE b\r\nCREATE c\r\nPUT c k 1\r\nCREATE a\r\n");
            client.lines(4);
        }
        test.stopSupervised("kv");

        Running after = start(test, store);
        try (Client client = after.client()) {
            client.send("BUCKETS\r\n");
            assertThat(client.lines(4)).containsExactly("a stored", "b stored", "c stored", "OK");
            assertThat(LocalBuckets.count()).isZero();

            client.send("GET b k\r\nCREATE aa\r\nBUCKETS\r\n");
            assertThat(client.lines(8))
                    .containsSubsequence("OK", "OK", "a stored", "c stored", "OK")
                    .anyMatch(line -> line.startsWith("aa #PID<"))
                    .anyMatch(line -> line.startsWith("b #PID<"));
        }
    }

    @Test
    @AllowCrashes
    void what_the_store_has_counts_as_memory_whether_it_is_loaded_or_not(TestSupervisor test)
            throws IOException {
        Limits limits =
                new Limits(
                        100,
                        Duration.ZERO,
                        Duration.ofSeconds(30),
                        4_000,
                        100,
                        3_000,
                        100_000,
                        9_000);
        Store store = open(test);
        Running before = Running.start(test, limits, Access.open(), null, store);
        String value = "x".repeat(2_800);
        long full;
        try (Client client = before.client()) {
            client.send("CREATE a\r\nCREATE b\r\n");
            client.lines(2);
            int stored = 0;
            while (client.ask("PUT a k" + stored + " " + value).equals("OK")) {
                stored++;
            }
            assertThat(stored).isGreaterThan(20);
            full = before.front().memory().used();
        }
        test.stopSupervised("kv");

        Running after = Running.start(test, limits, Access.open(), null, store);
        try (Client client = after.client()) {
            assertThat(after.front().memory().used()).isEqualTo(full);
            assertThat(client.ask("PUT b k " + value)).isEqualTo("OUT OF MEMORY");
            assertThat(client.ask("GET a k0")).isEqualTo(value);
            client.line();
            assertThat(after.front().memory().used()).isEqualTo(full);

            var crashed = after.buckets().find("a").orElseThrow();
            Processes.exit(crashed.pid(), ExitReason.KILL);
            until(() -> !after.buckets().find("a").equals(Optional.of(crashed)));
            assertThat(after.front().memory().used()).isEqualTo(full);

            assertThat(client.ask("DELETE a k0")).isEqualTo("OK");
            assertThat(client.ask("PUT b k " + value)).isEqualTo("OK");
        }
        test.stopSupervised("kv");

        Limits lower =
                new Limits(
                        100,
                        Duration.ZERO,
                        Duration.ofSeconds(30),
                        4_000,
                        100,
                        3_000,
                        50_000,
                        9_000);
        Running last = Running.start(test, lower, Access.open(), null, store);
        assertThat(last.front().memory().isExceeded()).isTrue();
        try (Client client = last.client()) {
            assertThat(client.ask("GET a k1")).isEqualTo(value);
            client.line();
            assertThat(client.ask("PUT a k1 " + value)).isEqualTo("OUT OF MEMORY");
            assertThat(client.ask("CREATE c")).isEqualTo("OUT OF MEMORY");
            assertThat(client.ask("DELETE a k1")).isEqualTo("OK");
        }
    }

    /// A store whose commits wait until the test says how they end.
    private static final class HeldStore implements Store {

        private final List<Runnable> commits = new CopyOnWriteArrayList<>();
        private final List<Consumer<StoreException>> failures = new CopyOnWriteArrayList<>();
        private volatile boolean holds;

        @Override
        public boolean contains(String bucket) {
            return false;
        }

        @Override
        public Map<String, String> load(String bucket) {
            return new HashMap<>();
        }

        @Override
        public void visit(Visitor visitor) {}

        @Override
        public Map<String, String> takeOver(String bucket, Owner<?> owner) {
            return load(bucket);
        }

        @Override
        public <C> void submit(Change<C> change, Owner<C> owner) {
            if (holds) {
                commits.add(() -> owner.committed(List.of(change)));
                failures.add(why -> owner.failed(List.of(change), why));
            } else {
                owner.committed(List.of(change));
            }
        }

        @Override
        public Statistics statistics() {
            return new Statistics(0, 0, 0, Optional.empty());
        }

        @Override
        public void close() {
            commits.clear();
        }
    }

    @Test
    void nobody_sees_a_change_before_it_is_on_disk(TestSupervisor test) throws IOException {
        HeldStore store = new HeldStore();
        Running kv = start(test, store);
        try (Client writer = kv.client();
                Client reader = kv.client();
                Client subscriber = kv.client()) {
            writer.send("CREATE a\r\nPUT a k 1\r\n");
            writer.lines(2);
            subscriber.send("SUBSCRIBE a\r\n");
            awaitSubscriber();
            store.holds = true;

            writer.send("PUT a k 2\r\n");
            until(() -> store.commits.size() == 1);
            reader.send("GET a k\r\n");
            assertThat(reader.lines(2)).containsExactly("1", "OK");

            store.commits.getFirst().run();

            assertThat(writer.line()).isEqualTo("OK");
            reader.send("GET a k\r\n");
            assertThat(reader.lines(2)).containsExactly("2", "OK");
            assertThat(subscriber.line()).isEqualTo("k SET TO 2");
        }
    }

    @Test
    void writes_that_arrive_together_wait_for_the_disk_together_and_are_answered_in_order(
            TestSupervisor test) throws IOException {
        HeldStore store = new HeldStore();
        Running kv = start(test, store);
        try (Client client = kv.client()) {
            client.send("CREATE a\r\n");
            client.lines(1);
            store.holds = true;

            client.send(
                    "PUT a k 1\r\nPUT a k 2\r\nPUT none k 1\r\nDELETE a l\r\nGET a k\r\nPUT a k 3\r\n");
            until(() -> store.commits.size() == 2); // NOT FOUND waits for those before it
            store.commits.forEach(Runnable::run);
            until(() -> store.commits.size() == 3);
            store.commits.get(2).run();
            until(() -> store.commits.size() == 4);
            store.commits.get(3).run();

            assertThat(client.lines(7))
                    .containsExactly("OK", "OK", "NOT FOUND", "OK", "2", "OK", "OK");
        }
    }

    @Test
    void a_change_that_cannot_be_written_is_refused_and_leaves_no_trace(TestSupervisor test)
            throws IOException {
        HeldStore store = new HeldStore();
        Running kv = start(test, store);
        try (Client client = kv.client()) {
            client.send("CREATE a\r\nPUT a k 1\r\n");
            client.lines(2);
            long used = kv.front().memory().used();
            store.holds = true;

            List<String> answers = new ArrayList<>();
            for (String request : List.of("PUT a k 22", "DELETE a k", "CREATE b")) {
                store.failures.clear();
                client.send(request + "\r\n");
                until(() -> store.failures.size() == 1);
                store.failures.getFirst().accept(Failures.diskFull());
                answers.add(client.line());
            }

            assertThat(answers).containsOnly("DISK FULL");
            client.send("GET a k\r\nGET b k\r\n");
            assertThat(client.lines(3)).containsExactly("1", "OK", "NOT FOUND");
            assertThat(kv.front().memory().used()).isEqualTo(used);
        }
    }
}
