package io.genserver.observer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.OutputType;

/// Takes the pictures of the documents. It is no test, so it runs only if somebody asks for it: see
/// the script observer-screenshots.
class Screenshots {

    private static final int WIDTH = 1280;
    private static final int HEIGHT = 800;
    private static final Path FOLDER = Path.of("../docs/images").toAbsolutePath().normalize();

    @Test
    void take() throws Exception {
        try (Browser browser = Browser.start(WIDTH, HEIGHT, false)) {
            browser.open(System.getProperty("observer.url"));
            browser.find(".problem");
            Thread.sleep(20_000); // until the curves have some points
            save(browser, "overview");
            screen(browser, "tree", "table.tree tbody tr");
            screen(browser, "processes?by=RATE", "table tbody tr");
            browser.find("table tbody tr:nth-child(2) a.process").click();
            browser.find("dl");
            browser.find(".map");
            save(browser, "process");
            screen(browser, "waiting", ".card");
            screen(browser, "timeline", ".card");
            screen(browser, "names", "table");
        }
    }

    private static void screen(Browser browser, String name, String ready) throws Exception {
        browser.driver().executeScript("location.hash = arguments[0]", name);
        browser.find("nav a[aria-current][href='#" + name.replaceAll("\\?.*", "") + "']");
        browser.find(ready);
        save(browser, name.replaceAll("\\?.*", ""));
    }

    private static void save(Browser browser, String name)
            throws IOException, InterruptedException {
        Thread.sleep(3_000); // until the screen has been shown twice
        Files.createDirectories(FOLDER);
        Files.write(
                FOLDER.resolve("observer-" + name + ".png"),
                browser.driver().getScreenshotAs(OutputType.BYTES));
    }
}
