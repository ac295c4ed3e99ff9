package kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Kills a server while clients write, starts it again, and asks for each write that it had
/// acknowledged. `-Dkv.kills=100` sets the number of kills.
class ServeKillIT {

    private static final int KILLS = Integer.getInteger("kv.kills", 3);
    private static final int WRITERS = 8;
    private static final int KEYS = 20; // of each writer
    private static final int DEPTH = 4; // requests of a writer that wait for answers
    private static final Pattern PORT = Pattern.compile("127\\.0\\.0\\.1:(\\d+)");

    @TempDir private Path folder;

    /// What a writer has seen of a key.
    ///
    /// @param sent the last version that was sent
    /// @param acknowledged the last version that was acknowledged, or -1
    private record Versions(int sent, int acknowledged) {
        boolean allow(int version) {
            return version >= acknowledged && version <= sent;
        }
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void each_acknowledged_write_is_there_after_a_kill() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<String, Versions> journal = new ConcurrentHashMap<>();
        for (int kill = 0; kill < KILLS; kill++) {
            Process server = serve();
            try {
                int port = port(server);
                check(port, journal, seed);
                CountDownLatch begun = new CountDownLatch(1);
                List<Thread> writers = new ArrayList<>();
                for (int i = 0; i < WRITERS; i++) {
                    String bucket = "bucket-" + kill + "-" + i;
                    writers.add(
                            Thread.startVirtualThread(() -> write(port, bucket, journal, begun)));
                }
                if (kill == 0 || random.nextInt(8) > 0) { // else it is killed very early
                    assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
                }
                Thread.sleep(random.nextInt(400));
                server.toHandle().destroyForcibly();
                assertThat(server.waitFor()).isEqualTo(137); // SIGKILL
                for (Thread writer : writers) {
                    writer.join();
                }
            } finally {
                server.destroyForcibly();
            }
        }
        Process last = serve();
        try {
            check(port(last), journal, seed);
        } finally {
            last.destroyForcibly().waitFor();
        }
        int acknowledged = journal.values().stream().mapToInt(v -> v.acknowledged() + 1).sum();
        System.out.printf("%d kills of a server, %d acknowledged writes%n", KILLS, acknowledged);
        assertThat(acknowledged).isPositive();
    }

    private Process serve() throws IOException {
        return KvProgram.command(
                        "serve", "--port=0", "--store=durable", "--data-dir=" + folder + "/data")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static int port(Process server) throws IOException {
        String ready = String.valueOf(server.inputReader(StandardCharsets.UTF_8).readLine());
        Matcher port = PORT.matcher(ready);
        assertThat(port.find()).as(ready).isTrue();
        return Integer.parseInt(port.group(1));
    }

    /// A connection to the server.
    private record Connection(Socket socket, BufferedReader replies) implements AutoCloseable {

        static Connection to(int port) throws IOException {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            return new Connection(
                    socket,
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.US_ASCII)));
        }

        void send(String requests) throws IOException {
            socket.getOutputStream().write(requests.getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /// Writes versions of the same keys again and again until the server is gone.
    ///
    /// @param begun counted down after the first acknowledgement
    private static void write(
            int port, String bucket, Map<String, Versions> journal, CountDownLatch begun) {
        try (Connection connection = Connection.to(port)) {
            connection.send("CREATE " + bucket + "\n");
            connection.replies().readLine();
            for (int version = 0; ; version++) {
                for (int key = 0; key < KEYS; key += DEPTH) {
                    StringBuilder requests = new StringBuilder();
                    for (int i = key; i < key + DEPTH; i++) {
                        String place = bucket + " k" + i;
                        Versions known = journal.getOrDefault(place, new Versions(-1, -1));
                        journal.put(place, new Versions(version, known.acknowledged()));
                        requests.append("PUT %s %d\n".formatted(place, version));
                    }
                    connection.send(requests.toString());
                    for (int i = key; i < key + DEPTH; i++) {
                        if (!"OK".equals(connection.replies().readLine())) {
                            return; // the server is gone
                        }
                        journal.put(bucket + " k" + i, new Versions(version, version));
                        begun.countDown();
                    }
                }
            }
        } catch (IOException gone) {
            return; // the server is gone
        }
    }

    private static void check(int port, Map<String, Versions> journal, long seed)
            throws IOException {
        Map<String, String> wrong = new HashMap<>();
        try (Connection connection = Connection.to(port)) {
            for (Map.Entry<String, Versions> entry : journal.entrySet()) {
                connection.send("GET " + entry.getKey() + "\n");
                String value = connection.replies().readLine();
                boolean found = value != null && !value.equals("NOT FOUND");
                if (found) {
                    assertThat(connection.replies().readLine()).isEqualTo("OK");
                }
                int version = found && !value.isEmpty() ? Integer.parseInt(value) : -1;
                if (!entry.getValue().allow(version)) {
                    wrong.put(entry.getKey(), value + ", expected " + entry.getValue());
                }
            }
        }
        assertThat(wrong).as("seed %d", seed).isEmpty();
    }
}
