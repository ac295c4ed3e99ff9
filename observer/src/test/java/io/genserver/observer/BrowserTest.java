package io.genserver.observer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.GenServer;
import io.genserver.Node;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.spi.ProcessId;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.ProcessRegistry;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.logging.LogEntry;

/// The page in a real browser, with a program in which everything that has a text is hostile.
@Timeout(120)
class BrowserTest {

    private static final String HOSTILE = "<img src=x onerror=\"window.pwned=1\">'\"</script>";

    private static final Node node = Node.start();
    private static final CountDownLatch end = new CountDownLatch(1);

    // Null if no browser is installed.
    @SuppressWarnings("NullAway.Init")
    private static Browser browser;

    @SuppressWarnings("NullAway.Init")
    private static Observer observer;

    /// A request whose text is hostile.
    private record Hostile(String text) implements Call<String> {}

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(
                Browser.isInstalled(),
                "the tests in a browser need: apt-get install chromium chromium-driver");
        observer =
                Observer.start(ObserverOptions.defaults().withNode(node).withActions().withState());
        node.call(() -> {
            program();
            return Ok.OK;
        });
        browser = Browser.start(1280, 900, false);
        browser.open(observer.url());
        browser.awaitText("What is wrong now");
    }

    private static void program() throws InterruptedException {
        ProcessRegistry<String, Ok> registry = ProcessRegistry.unique("r" + HOSTILE);
        Supervisor.startLink(
                List.of(
                        registry.childSpec(),
                        ChildSpec.worker(
                                "id" + HOSTILE,
                                () ->
                                        GenServer.startLink(
                                                Clerk::new,
                                                HOSTILE,
                                                StartOption.name("n" + HOSTILE)))),
                SupervisorFlags.of(Strategy.ONE_FOR_ONE),
                StartOption.name("root"));
        GenServer.start(
                Clerk::new, "a", StartOption.name(registry.server("k" + HOSTILE, Clerk.class)));
        Pid first = Processes.whereis("n" + HOSTILE).orElseThrow();
        GenServer.cast(first, new Clerk.Crash("crash " + HOSTILE));
        await().until(() -> !Processes.isAlive(first));
        await().until(() ->
                node.call(() -> Processes.whereis("n" + HOSTILE))
                        .filter(pid -> !pid.equals(first))
                        .isPresent());
        Processes.send(first, HOSTILE);
        CountDownLatch begun = new CountDownLatch(1);
        Pid busy = GenServer.start(Clerk::new, "busy").pid();
        GenServer.cast(busy, new Clerk.Wait(begun, end));
        begun.await();
        Processes.spawn(() -> GenServer.call(busy, new Clerk.Ask("a"), GenServer.INFINITY));
        try {
            GenServer.call(busy, new Hostile(HOSTILE), Duration.ofMillis(10));
        } catch (CallException _) { // is in the time line
        }
        GenServer.cast(clerk(), "m" + HOSTILE);
        Processes.sendAfter(clerk(), HOSTILE, Duration.ofHours(1));
    }

    @AfterAll
    static void close() {
        if (browser != null) {
            browser.close();
        }
        end.countDown();
        if (observer != null) {
            observer.close();
        }
        node.close();
    }

    private static Pid clerk() {
        return node.call(() -> Processes.whereis("n" + HOSTILE).orElseThrow());
    }

    private static void open(String screen) {
        browser.driver().executeScript("location.hash = arguments[0]", screen);
    }

    /// Nothing that the program has named or thrown has become an element, or has run.
    private static void assertHarmless() {
        assertThat(browser.driver().executeScript("return window.pwned ?? null")).isNull();
        assertThat(browser.all("img[src='x']")).isEmpty();
        assertThat(browser.all("main script")).isEmpty();
    }

    @Test
    void hostile_text_is_shown_as_text_on_each_screen() {
        open("overview");
        browser.awaitText("n" + HOSTILE);
        assertHarmless();
        open("tree");
        browser.awaitText("n" + HOSTILE);
        browser.awaitText("label " + HOSTILE);
        assertHarmless();
        open("processes");
        browser.awaitText("label " + HOSTILE);
        assertHarmless();
        open("timeline");
        browser.awaitText("crash " + HOSTILE); // the text of an exception
        browser.awaitText("Hostile[text=" + HOSTILE); // a request
        browser.awaitText("dead process " + HOSTILE); // a dead letter
        browser.all("details summary").forEach(summary -> summary.click());
        browser.awaitText("Clerk.handleCast"); // the stack
        assertHarmless();
        open("names");
        browser.awaitText("k" + HOSTILE); // the key of a registry
        browser.awaitText("message " + HOSTILE); // a timer
        assertHarmless();
        open("waiting");
        browser.awaitText("Who waits for whom");
        assertHarmless();
    }

    @Test
    void state_dictionary_and_messages_are_shown_as_text() {
        open("process?id=" + ((ProcessId) clerk()).number());
        browser.find("[data-what=state]").click();
        browser.awaitText("state " + HOSTILE);
        browser.awaitText("key " + HOSTILE + " = value " + HOSTILE);
        browser.find("[data-what=messages]").click();
        browser.awaitText("0 messages");
        assertHarmless();
    }

    @Test
    void the_page_breaks_no_rule_of_its_own() {
        open("overview");
        browser.awaitText("What is wrong now");
        assertThat(browser.driver().manage().logs().get("browser").getAll())
                .extracting(LogEntry::getMessage)
                .filteredOn(message -> message.contains("Content Security Policy"))
                .isEmpty();
    }

    @Test
    void the_search_finds_a_process_and_the_keyboard_changes_the_screen() {
        browser.driver().findElement(By.tagName("body")).sendKeys("3");
        browser.find("#search").sendKeys("busy");
        browser.awaitText("1–1 of 1");
        browser.find("#search").sendKeys(Keys.ESCAPE);
        browser.driver().findElement(By.tagName("body")).sendKeys("2");
        browser.awaitText("Processes below those that started them");
    }

    @Test
    void a_frozen_page_stops_and_goes_on() {
        open("processes");
        browser.find("#search");
        browser.find("#freeze").click();
        browser.awaitText("frozen");
        Pid late = node.call(() -> GenServer.start(Clerk::new, "late").pid());
        browser.find("#freeze").click();
        browser.awaitText("label late");
        GenServer.stop(late);
    }

    @Test
    void a_server_is_killed_from_the_page() {
        Pid victim = node.call(() -> GenServer.start(Clerk::new, "victim").pid());
        open("process?id=" + ((ProcessId) victim).number());
        browser.awaitText("label victim");
        browser.find("[data-do=kill]").click();
        browser.driver().switchTo().alert().accept();
        browser.awaitText("has ended");
        assertThat(Processes.isAlive(victim)).isFalse();
    }
}
