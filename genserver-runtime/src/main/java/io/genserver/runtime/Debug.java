package io.genserver.runtime;

import io.genserver.DebugOption;
import io.genserver.Pid;
import io.genserver.Sys;
import io.genserver.SystemEvent;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What watches one server: trace, log, log file, statistics and installed functions. Owner, unless
/// stated otherwise.
final class Debug {

    private static final Logger log = LoggerFactory.getLogger(Sys.class);

    /// A user's function, and what it returned last.
    private static final class Installed {
        final DebugOption.Function<Object> function;
        Object data;

        @SuppressWarnings("unchecked") // install() checked the data against the function's type
        Installed(DebugOption.Install option) {
            this.function = (DebugOption.Function<Object>) option.function();
            this.data = option.data();
        }
    }

    private boolean trace;
    private int logLength;
    private final ArrayDeque<SystemEvent> events = new ArrayDeque<>();
    private final Map<Object, Installed> installed = new LinkedHashMap<>();
    private @Nullable Instant countsFrom;
    private long messagesIn;
    private long messagesOut;

    /// Null while there is no log file. Written by the owner; set to null by the dying thread too.
    private volatile @Nullable BufferedWriter file;

    /// Switches something on or off.
    ///
    /// @throws IOException if a file cannot be opened
    void set(DebugOption option) throws IOException {
        switch (option) {
            case DebugOption.Trace(boolean on) -> trace = on;
            case DebugOption.Log(int length) -> {
                logLength = length;
                trim();
            }
            case DebugOption.LogToFile(Path path) -> {
                closeFile();
                file = path == null ? null : open(path);
            }
            case DebugOption.Statistics(boolean on) -> {
                countsFrom = on ? Instant.now() : null;
                messagesIn = 0;
                messagesOut = 0;
            }
            case DebugOption.Install install ->
                    installed.putIfAbsent(install.id(), new Installed(install));
        }
    }

    private static BufferedWriter open(Path path) throws IOException {
        return Files.newBufferedWriter(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    void remove(Object id) {
        installed.remove(id);
    }

    List<SystemEvent> log() {
        return new ArrayList<>(events);
    }

    Optional<Sys.Statistics> statistics() {
        return Optional.ofNullable(countsFrom)
                .map(from -> new Sys.Statistics(from, Instant.now(), messagesIn, messagesOut));
    }

    /// Handles something that has happened in the server.
    void see(ServerProcess server, SystemEvent event) {
        switch (event) {
            case SystemEvent.InCall _, SystemEvent.InCast _, SystemEvent.In _ -> messagesIn++;
            case SystemEvent.Out _ -> messagesOut++;
            case SystemEvent.NoReply _, SystemEvent.Continue _ -> {}
        }
        if (logLength > 0) {
            events.add(event);
            trim();
        }
        if (trace) {
            log.info("{} {}", server.describe(), SafeText.of(event));
        }
        write(server, event);
        if (!installed.isEmpty()) {
            installed.entrySet().removeIf(entry -> isDone(entry, server.pid, event));
        }
    }

    private void trim() {
        while (events.size() > logLength) {
            events.remove();
        }
    }

    private void write(ServerProcess server, SystemEvent event) {
        BufferedWriter writer = file;
        if (writer != null) {
            try {
                writer.write(server.describe() + " " + SafeText.of(event));
                writer.newLine();
                writer.flush();
            } catch (IOException full) {
                log.error("ending the log file of {}", server.describe(), full);
                file = null;
            }
        }
    }

    private static boolean isDone(Map.Entry<Object, Installed> entry, Pid pid, SystemEvent event) {
        Installed watcher = entry.getValue();
        try {
            Object next = watcher.function.see(watcher.data, event, pid);
            if (next != null) {
                watcher.data = next;
            }
            return next == null;
        } catch (Throwable thrown) { // the user's function; must not harm the server
            log.error("removing the function {} of {}, which failed", entry.getKey(), pid, thrown);
            return true;
        }
    }

    /// Closes the log file, if there is one. Any thread.
    void closeFile() {
        BufferedWriter writer = file;
        file = null;
        if (writer != null) {
            try {
                writer.close();
            } catch (IOException full) {
                log.error("a log file of a server could not be closed", full);
            }
        }
    }
}
