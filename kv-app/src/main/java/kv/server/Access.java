package kv.server;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decides which clients the server talks to: those that know its token, unless their address has
/// failed too often. Any thread may use it.
public final class Access {

    /// How many failures ban an address.
    static final int MOST_FAILURES = 5;

    /// How long a ban lasts, and how long failures are remembered.
    static final Duration BAN = Duration.ofMinutes(1);

    private static final int MOST_ADDRESSES = 10_000;

    private record Failures(int count, long last) {}

    private final byte @Nullable [] token; // the hash; null: every client may do everything

    /// The addresses that have failed, the one that failed last at the end. Guarded.
    private final Map<InetAddress, Failures> failed = new LinkedHashMap<>();

    private Access(byte @Nullable [] token) {
        this.token = token;
    }

    /// Returns the access of a server without a token.
    ///
    /// @return access for every client
    public static Access open() {
        return new Access(null);
    }

    /// Returns the access of a server whose clients have to know the first line of a file.
    ///
    /// @param file the file
    /// @return access for clients that know the token
    /// @throws IOException if the file cannot be read, or its first line is empty or has white
    ///   space
    public static Access byToken(Path file) throws IOException {
        return new Access(hash(readToken(file)));
    }

    /// Reads a token from the first line of a file.
    ///
    /// @param file the file
    /// @return the token, with one char for each byte
    /// @throws IOException if the file cannot be read, or its first line is empty or has white
    ///   space
    public static String readToken(Path file) throws IOException {
        try (var lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            String token = lines.findFirst().orElse("").strip();
            byte[] bytes = Words.bytes(token);
            if (!Words.of(bytes, 0, bytes.length).are(1)) {
                throw new IOException(
                        "expected a token without white space in the first line of " + file);
            }
            return token;
        } catch (java.io.UncheckedIOException unreadable) {
            throw unreadable.getCause();
        }
    }

    /// Returns whether every client may do everything.
    boolean isOpen() {
        return token == null;
    }

    /// Checks a token and remembers a failure of its sender. The time does not depend on how much
    /// of the token is right.
    ///
    /// @param now units: ns
    boolean check(String given, InetAddress sender, long now) {
        if (token == null || MessageDigest.isEqual(token, hash(given))) {
            return true;
        }
        failed(sender, now);
        return false;
    }

    private synchronized void failed(InetAddress sender, long now) {
        Failures before = failed.remove(sender);
        int count = before == null || isOver(before, now) ? 0 : before.count();
        failed.put(sender, new Failures(count + 1, now));
        if (failed.size() > MOST_ADDRESSES) {
            failed.remove(failed.keySet().iterator().next());
        }
    }

    /// Returns whether an address has failed too often.
    synchronized boolean isBanned(InetAddress sender, long now) {
        Failures failures = failed.get(sender);
        return failures != null && failures.count() >= MOST_FAILURES && !isOver(failures, now);
    }

    private static boolean isOver(Failures failures, long now) {
        return now - failures.last() > BAN.toNanos();
    }

    private static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(Words.bytes(token));
        } catch (NoSuchAlgorithmException impossible) { // every JVM has it
            throw new IllegalStateException(impossible);
        }
    }
}
