package io.genserver.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A key-value server in a process of its own.
final class Service implements AutoCloseable {

    private static final int MOST_SHOWN = 20; // lines of a log

    private static final Pattern READY = Pattern.compile(" is ready on 127\\.0\\.0\\.1:(\\d+) ");
    private static final Pattern REDIS_READY = Pattern.compile("Ready to accept connections()");
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)$");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private final String name;
    private final String protocol;
    private final Process process;
    private final int port;

    private Service(String name, String protocol, Process process, int port) {
        this.name = name;
        this.protocol = protocol;
        this.process = process;
        this.port = port;
    }

    /// Starts kv.
    ///
    /// @param home the directory of the packaged kv
    static Service kv(Path home, String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(home.resolve("bin/kv").toString(), "--log-level", "warn"));
        command.addAll(List.of("serve", "--port", "0"));
        command.addAll(Arrays.asList(options));
        return start("kv", "kv", command, READY, 0);
    }

    /// Starts the guide's server in Elixir, if Elixir is installed.
    static Optional<Service> elixir(Path script) throws Exception {
        return isInstalled("elixir")
                ? Optional.of(
                        start("Elixir", "kv", List.of("elixir", script.toString(), "0"), READY, 0))
                : Optional.empty();
    }

    /// Starts Redis without persistence, if it is installed.
    static Optional<Service> redis() throws Exception {
        if (!isInstalled("redis-server")) {
            return Optional.empty();
        }
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<String> command = new ArrayList<>(List.of("redis-server", "--bind", "127.0.0.1"));
        command.addAll(List.of("--port", Integer.toString(port)));
        command.addAll(List.of("--save", "", "--appendonly", "no"));
        return Optional.of(start("Redis", "redis", command, REDIS_READY, port));
    }

    private static boolean isInstalled(String program) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static Service start(
            String name, String protocol, List<String> command, Pattern ready, int knownPort)
            throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        CompletableFuture<Matcher> found = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> read(process, ready, found));
        try {
            Matcher line = found.get(60, TimeUnit.SECONDS);
            return new Service(
                    name,
                    protocol,
                    process,
                    knownPort == 0 ? Integer.parseInt(line.group(1)) : knownPort);
        } catch (ExecutionException | TimeoutException notReady) {
            process.destroyForcibly();
            throw notReady;
        }
    }

    /// Reads the output to its end, so that the server never waits for a reader. Prints what
    /// follows the line that says that it is ready.
    private static void read(Process process, Pattern ready, CompletableFuture<Matcher> found) {
        StringBuilder before = new StringBuilder();
        int shown = 0;
        try (BufferedReader output =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                Matcher matcher = ready.matcher(line);
                if (found.isDone()) {
                    if (shown++ < MOST_SHOWN) {
                        System.err.println(line);
                    }
                } else if (matcher.find()) {
                    found.complete(matcher);
                } else {
                    before.append(line).append(System.lineSeparator());
                }
            }
        } catch (IOException closed) {
            before.append(closed);
        }
        found.completeExceptionally(
                new IOException("expected the server to start, got: " + before));
    }

    String name() {
        return name;
    }

    /// Returns the server's name of its protocol, as `kv load --protocol` takes it.
    String protocol() {
        return protocol;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    InetSocketAddress socketAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /// Returns the memory that the process holds. Units: bytes.
    long resident() throws IOException {
        Matcher matcher =
                RESIDENT.matcher(Files.readString(Path.of("/proc/" + process.pid() + "/status")));
        Work.check(matcher.find(), "VmRSS", "none");
        return Long.parseLong(matcher.group(1)) * 1024;
    }

    /// Collects garbage in a server that is a JVM, and returns the size of the objects that are
    /// left, the least of three readings. Units: bytes.
    long liveHeap() throws IOException, InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            least = Math.min(least, histogramTotal());
        }
        return least;
    }

    private long histogramTotal() throws IOException, InterruptedException {
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(process.pid()),
                                "GC.class_histogram")
                        .redirectErrorStream(true)
                        .start();
        String text = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        jcmd.waitFor();
        Matcher matcher = TOTAL.matcher(text);
        Work.check(matcher.find(), "a histogram of the heap", text);
        return Long.parseLong(matcher.group(1));
    }

    /// Stops the server and waits until it has ended.
    @Override
    public void close() {
        process.destroy();
        try {
            process.onExit().get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException stuck) {
            process.destroyForcibly();
            throw new AssertionError("expected " + name + " to end within 20 s of SIGTERM", stuck);
        }
    }
}
