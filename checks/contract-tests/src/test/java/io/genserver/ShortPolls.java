package io.genserver;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/// Lets Awaitility look every 5 ms, because each of several hundred waits would take its default of
/// 100 ms at least.
public final class ShortPolls implements LauncherSessionListener {

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        Awaitility.setDefaultPollInterval(Duration.ofMillis(5));
    }
}
