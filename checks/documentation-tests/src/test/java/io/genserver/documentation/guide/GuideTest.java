package io.genserver.documentation.guide;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.genserver.*;
import io.genserver.supervisor.*;
import io.genserver.test.*;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;

/// Runs the programs of the pages in docs/guide, and the one in docs/logging.md.
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class GuideTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    @Test
    void rates_are_loaded_again_and_again() {
        Pid self = Processes.self();
        AtomicInteger loads = new AtomicInteger();
        Server<Rates> rates =
                test.startSupervised(() ->
                        GenServer.startLink(
                                () ->
                                        new Rates(() -> {
                                            Processes.send(self, "loaded");
                                            return (double) loads.incrementAndGet();
                                        }),
                                Duration.ofMillis(5)));

        for (int i = 0; i < 3; i++) {
            assertReceive("loaded");
        }

        assertThat(GenServer.call(rates, new Rates.Latest())).isGreaterThanOrEqualTo(3);
    }

    @Test
    void a_ticker_answers_all_who_wait_for_the_next_price() {
        Server<Ticker> ticker = test.startSupervised(() -> GenServer.startLink(Ticker::new, Ok.OK));
        List<CompletableFuture<Integer>> waiting =
                Stream.generate(() -> GenServer.callAsync(ticker, new Ticker.Next(), HOUR))
                        .limit(3)
                        .toList();

        GenServer.cast(ticker, new Ticker.Price(4711));

        assertThat(waiting)
                .allSatisfy(price -> assertThat(price).succeedsWithin(LIMIT).isEqualTo(4711));
    }

    @Test
    void a_price_reaches_those_who_watch_the_share() {
        test.startSupervised(Watcher.SHARES.childSpec());
        Server<Watcher> one = test.startSupervised(() -> watcher("ACME"));
        Server<Watcher> two = test.startSupervised(() -> watcher("ACME"));
        Server<Watcher> other = test.startSupervised(() -> watcher("Zenith"));

        Watcher.publish(new Watcher.Price("ACME", 4711));

        assertThat(GenServer.call(one, new Watcher.Last())).isEqualTo(4711);
        assertThat(GenServer.call(two, new Watcher.Last())).isEqualTo(4711);
        assertThat(GenServer.call(other, new Watcher.Last())).isZero();
    }

    private static Start<Watcher> watcher(String share) {
        return GenServer.startLink(Watcher::new, share);
    }

    @Test
    void each_customer_has_a_hundred_requests_in_a_minute() {
        test.startSupervised(Limiter.CUSTOMERS.childSpec());

        for (int i = 0; i < 100; i++) {
            assertThat(Limiter.tryAcquire("ann")).isTrue();
        }

        assertThat(Limiter.tryAcquire("ann")).isFalse();
        assertThat(Limiter.tryAcquire("bob")).isTrue();
        assertThat(Limiter.CUSTOMERS.keys()).containsExactlyInAnyOrder("ann", "bob");
    }

    @Test
    void a_limiter_that_nobody_uses_ends() {
        KeyedSupervisor<String, Limiter> customers =
                Limiter.CUSTOMERS.withIdleTimeout(Duration.ofMillis(20));
        test.startSupervised(customers.childSpec());

        assertThat(GenServer.call(customers.server("ann"), new Limiter.TryAcquire())).isTrue();

        await().until(() -> customers.count() == 0);
    }

    @Test
    void a_download_that_fails_is_tried_again() {
        AtomicInteger attempts = new AtomicInteger();

        String page =
                Download.fetch(() -> {
                    if (attempts.incrementAndGet() < 3) {
                        throw new IOException("connection reset");
                    }
                    return "page";
                });

        assertThat(page).isEqualTo("page");
        assertThat(attempts).hasValue(3);
    }

    @Test
    void a_failure_that_is_not_worth_a_retry_is_final() {
        AtomicInteger attempts = new AtomicInteger();
        IllegalStateException broken = new IllegalStateException("no such page");
        Callable<String> source =
                () -> {
                    attempts.incrementAndGet();
                    throw broken;
                };

        CompletableFuture<String> page = onOrdinaryThread(() -> Download.fetch(source));

        assertThat(page)
                .failsWithin(LIMIT)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOf(TaskExitException.class)
                .withCause(broken);
        assertThat(attempts).hasValue(1);
    }

    /// Runs a function on a thread that is no process.
    private static <R> CompletableFuture<R> onOrdinaryThread(Supplier<R> function) {
        return CompletableFuture.supplyAsync(function);
    }

    @Test
    void a_basket_counts_its_items() {
        Server<Basket> basket = test.startSupervised(Basket.childSpec("ann", HOUR));

        assertThat(Basket.add(basket, "lamp")).isEqualTo(1);
        assertThat(Basket.add(basket, "chair")).isEqualTo(2);
    }

    @Test
    void a_basket_that_nobody_uses_ends() {
        Server<Basket> basket = test.startSupervised(Basket.childSpec("ann", Duration.ofMillis(5)));

        // noproc: it has ended before this call
        assertThat(Processes.exitOf(basket))
                .succeedsWithin(LIMIT)
                .isIn(ExitReason.NORMAL, ExitReason.NOPROC);
    }

    @Test
    void an_unexpected_message_does_not_keep_a_basket_for_ever() {
        Server<Basket> basket =
                test.startSupervised(Basket.childSpec("ann", Duration.ofMillis(200)));

        Processes.send(basket, "unexpected");

        assertThat(Processes.exitOf(basket)).succeedsWithin(LIMIT).isEqualTo(ExitReason.NORMAL);
    }

    @Test
    void a_call_to_a_busy_basket_times_out() {
        Server<Basket> basket = test.startSupervised(Basket.childSpec("ann", HOUR));
        Sys.suspend(basket);

        assertThatThrownBy(() -> Basket.add(basket, "lamp"))
                .isInstanceOfSatisfying(
                        CallException.class,
                        failed -> assertThat(failed.serverReason()).isEqualTo(ExitReason.TIMEOUT));
    }

    @Test
    void a_catalogue_asks_its_service_once_for_each_book() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        HttpServer service =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext(
                "/",
                exchange -> {
                    requests.incrementAndGet();
                    exchange.sendResponseHeaders(200, 0);
                    try (var body = exchange.getResponseBody()) {
                        body.write("Moby-Dick".getBytes(StandardCharsets.UTF_8));
                    }
                });
        service.start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            Server<Catalogue> catalogue =
                    test.startSupervised(() -> GenServer.startLink(Catalogue::new, client));
            URI book = URI.create("http:/" + service.getAddress() + "/1");
            // Without a time limit, because it loads the classes of the client.
            client.send(HttpRequest.newBuilder(book).build(), BodyHandlers.discarding());
            requests.set(0);

            for (int i = 0; i < 3; i++) {
                assertThat(GenServer.call(catalogue, new Catalogue.Title(book)))
                        .isEqualTo("Moby-Dick");
            }
            assertThat(requests).hasValue(1);
        } finally {
            service.stop(0);
        }
    }

    @Test
    void an_offer_joins_two_answers() {
        Server<Stock> stock = test.startSupervised(() -> stock());

        assertThat(Stock.offer(stock, "lamp", () -> 990))
                .succeedsWithin(LIMIT)
                .isEqualTo("3 for 990 ct each");
    }

    @Test
    void an_obituary_follows_the_end() {
        Server<Stock> stock = stock().server();
        CompletableFuture<String> obituary = Stock.obituary(stock);
        assertThat(obituary).isNotDone();

        GenServer.stop(stock);

        assertThat(obituary).succeedsWithin(LIMIT).isEqualTo("the stock ended: normal");
    }

    private static Start<Stock> stock() {
        return GenServer.startLink(Stock::new, Map.of("lamp", 3));
    }

    @Test
    void a_journal_that_its_supervisor_stops_is_complete(@TempDir Path folder) {
        Path file = folder.resolve("journal");
        ChildSpec<Journal> child = ChildSpec.worker(Journal.class, () -> Journal.startLink(file));
        Server<Journal> journal = test.startSupervised(child);

        GenServer.cast(journal, new Journal.Line("sold a lamp"));
        test.stopSupervised(Journal.class);

        assertThat(file).content().isEqualTo("sold a lamp\nclosed: shutdown\n");
    }

    @Test
    void a_journal_that_is_killed_keeps_its_lines(@TempDir Path folder) {
        Path file = folder.resolve("journal");
        Processes.trapExits(true);
        Server<Journal> journal = Journal.startLink(file).server();

        GenServer.cast(journal, new Journal.Line("sold a lamp"));
        Sys.getState(journal); // the line has been handled
        Processes.exit(journal.pid(), ExitReason.KILL);

        await().until(() -> Files.readString(file).equals("sold a lamp\n"));
    }

    @Test
    void many_threads_reserve_no_more_than_there_is() {
        Server<Inventory> inventory =
                test.startSupervised(() -> GenServer.startLink(Inventory::new, Map.of("lamp", 40)));

        long reserved =
                IntStream.range(0, 100)
                        .mapToObj(_ -> Task.async(() -> Inventory.reserve(inventory, "lamp")))
                        .toList()
                        .stream()
                        .filter(Task::await)
                        .count();

        assertThat(reserved).isEqualTo(40);
        assertThat(GenServer.call(inventory, new Inventory.Count("lamp"))).isZero();
    }

    @Test
    void a_room_forgets_a_member_that_ends() {
        Server<Room> room = test.startSupervised(() -> GenServer.startLink(Room::new, Ok.OK));
        Pid member = Processes.spawn(() -> Processes.sleep(HOUR));
        assertThat(GenServer.call(room, new Room.Join(member))).isEqualTo(1);
        assertThat(GenServer.call(room, new Room.Join(Processes.self()))).isEqualTo(2);

        GenServer.cast(room, new Room.Post("hello"));
        assertReceive(new Room.Post("hello"));

        Processes.exit(member, ExitReason.KILL);
        await().until(() -> Sys.getState(room) instanceof Map<?, ?> members && members.size() == 1);
    }

    @Test
    void thumbnails_come_in_the_order_of_the_images() {
        UnaryOperator<String> scale =
                image -> {
                    if (image.equals("b")) {
                        Processes.exit(ExitReason.of("unreadable"));
                    }
                    return image + " scaled";
                };

        CompletableFuture<List<String>> scaled =
                onOrdinaryThread(() -> Thumbnails.scaleAll(List.of("a", "b", "c"), scale));

        assertThat(scaled)
                .succeedsWithin(LIMIT)
                .isEqualTo(List.of("a scaled", "failed: unreadable", "c scaled"));
    }

    @Test
    void a_feed_that_its_remote_side_closed_is_no_error() {
        Feed feed = new Feed();

        assertThat(feed.crashLevel(Feed.REMOTE_CLOSED)).isEqualTo(Level.INFO);
        assertThat(feed.crashLevel(ExitReason.of("no memory"))).isEqualTo(Level.ERROR);
    }
}
