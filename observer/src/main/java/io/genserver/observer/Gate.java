package io.genserver.observer;

import com.sun.net.httpserver.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides who may look.
///
/// Every request must be addressed to a loopback name, because a page of another site can make its
/// own name point to this machine (DNS rebinding) and would then be of the same origin. A page of
/// another port is of the same site, so its requests carry the cookie; they are refused by `Origin`
/// and `Sec-Fetch-Site`.
final class Gate {

    private static final Logger log = LoggerFactory.getLogger(Observer.class);
    private static final int BYTES = 24;
    private static final int SESSIONS = 64;
    private static final String BEARER = "Bearer ";

    private final SecureRandom random = new SecureRandom();
    private final int port;
    private final String cookie; // browsers send the cookies of all ports of a machine to each
    private final String key = secret();

    /// The value of the cookie of each session, and what its actions have to send. The oldest
    /// session is dropped. Guarded by this.
    private final Map<String, String> sessions =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
                    return size() > SESSIONS;
                }
            };

    private String token = secret(); // works once; guarded by this

    Gate(int port) {
        this.port = port;
        this.cookie = "genserver-observer-" + port;
    }

    private String secret() {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /// Returns what the header `Authorization` of a program has to hold.
    String key() {
        return key;
    }

    synchronized String url() {
        return "http://127.0.0.1:" + port + "/?token=" + token;
    }

    void announce() {
        log.info("the observer is on {} (this address works once)", url());
    }

    /// Returns why a request is refused because of where it comes from; null if it is not.
    static @Nullable String foreign(HttpExchange exchange) {
        String host = exchange.getRequestHeaders().getFirst("Host");
        if (host == null || !host.matches("(127\\.0\\.0\\.1|localhost|\\[::1])(:\\d{1,5})?")) {
            return "expected the address 127.0.0.1 or localhost";
        }
        String origin = exchange.getRequestHeaders().getFirst("Origin");
        if (origin != null && !origin.equals("http://" + host)) {
            return "expected a request of this page, not of another one";
        }
        return null;
    }

    /// Returns whether a browser says that the request was made by a page of another origin.
    static boolean isOfOtherPage(HttpExchange exchange) {
        String site = exchange.getRequestHeaders().getFirst("Sec-Fetch-Site");
        return site != null && !site.equals("same-origin") && !site.equals("none");
    }

    /// Exchanges the token for a session.
    ///
    /// @return the header that sets the cookie; empty if the token is wrong or was used
    Optional<String> enter(String given) {
        String session = secret();
        synchronized (this) {
            if (!same(given, token)) {
                return Optional.empty();
            }
            token = secret();
            sessions.put(session, secret());
        }
        announce();
        return Optional.of(cookie + "=" + session + "; Path=/; HttpOnly; SameSite=Strict");
    }

    /// Returns what the actions of the request's session have to send; empty without a session.
    synchronized Optional<String> actionToken(HttpExchange exchange) {
        for (String header :
                exchange.getRequestHeaders().getOrDefault("Cookie", java.util.List.of())) {
            for (String each : header.split(";", -1)) {
                if (each.strip().startsWith(cookie + "=")) {
                    String known = sessions.get(each.strip().substring(cookie.length() + 1));
                    if (known != null) {
                        return Optional.of(known);
                    }
                }
            }
        }
        return Optional.empty();
    }

    boolean hasKey(HttpExchange exchange) {
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        return header != null
                && header.startsWith(BEARER)
                && same(header.substring(BEARER.length()), key);
    }

    /// Compares in a time that does not tell where two texts differ.
    static boolean same(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
