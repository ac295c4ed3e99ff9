package io.genserver.observer;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers the requests.
final class Pages implements HttpHandler {

    private static final Logger log = LoggerFactory.getLogger(Observer.class);
    private static final String HTML = "text/html; charset=utf-8";
    private static final String JSON = "application/json";
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final String ACTION_HEADER = "X-Observer-Action";

    /// The files of the page. Nothing else is served.
    private static final Map<String, String> FILES =
            Map.of(
                    "/", HTML,
                    "/app.js", "text/javascript; charset=utf-8",
                    "/dom.js", "text/javascript; charset=utf-8",
                    "/screens.js", "text/javascript; charset=utf-8",
                    "/style.css", "text/css; charset=utf-8",
                    "/icon.svg", "image/svg+xml");

    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                    + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'; require-trusted-types-for 'script'";

    private static final String ENTERED =
            """
            <!doctype html>
            <meta charset="utf-8">
            <meta http-equiv="refresh" content="0; url=/">
            <title>genserver</title>
            <p><a href="/">Observer</a>
            """;

    private static final String NO_SESSION =
            """
            This page needs the address that the program has logged. Each address works once; after\
             that the program logs the next one. Look for: the observer is on http://127.0.0.1
            """;

    /// What the page may show.
    record Session(String action, boolean allowActions, boolean showState) {}

    record Problem(String problem) {}

    private final ObserverOptions options;
    private final Gate gate;
    private final Screens screens;
    private final Looks looks;
    private final Streams streams;
    private final Inspection inspection;

    Pages(ObserverOptions options, Gate gate, Screens screens, Looks looks, Streams streams) {
        this.options = options;
        this.gate = gate;
        this.screens = screens;
        this.looks = looks;
        this.streams = streams;
        this.inspection = new Inspection(options);
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            protect(exchange.getResponseHeaders());
            answerOrRefuse(exchange);
        }
    }

    private void answerOrRefuse(HttpExchange exchange) throws IOException {
        try {
            answer(exchange);
        } catch (Query.Wrong wrong) {
            refuse(exchange, 400, String.valueOf(wrong.getMessage()));
        } catch (RuntimeException failed) {
            log.warn("the observer cannot answer {}", exchange.getRequestURI().getPath(), failed);
            if (exchange.getResponseCode() == -1) { // else the headers have been sent
                refuse(exchange, 500, "the observer has failed; see the log");
            }
        }
    }

    private static void protect(Headers headers) {
        headers.set("Content-Security-Policy", POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", "no-store");
    }

    private void answer(HttpExchange exchange) throws IOException {
        String foreign = Gate.foreign(exchange);
        if (foreign != null) {
            refuse(exchange, 403, foreign);
            return;
        }
        String path = exchange.getRequestURI().getPath();
        String method = exchange.getRequestMethod();
        Query query = Query.of(exchange.getRequestURI().getRawQuery());
        if (path.equals("/") && method.equals("GET") && !query.text("token").isEmpty()) {
            enter(exchange, query.text("token"));
            return;
        }
        Optional<String> action = gate.actionToken(exchange);
        if (Gate.isOfOtherPage(exchange) || (action.isEmpty() && !gate.hasKey(exchange))) {
            refuse(exchange, 403, NO_SESSION);
        } else if (method.equals("POST")) {
            post(exchange, path, query, action);
        } else if (method.equals("GET")) {
            get(exchange, path, query, action.orElse(""));
        } else {
            refuse(exchange, 405, "expected GET or POST");
        }
    }

    private void enter(HttpExchange exchange, String token) throws IOException {
        Optional<String> cookie = gate.enter(token);
        if (cookie.isEmpty()) {
            refuse(exchange, 403, NO_SESSION);
            return;
        }
        exchange.getResponseHeaders().set("Set-Cookie", cookie.get());
        // A redirection of a link on another page would come without the cookie.
        send(exchange, 200, HTML, ENTERED.getBytes(StandardCharsets.UTF_8));
    }

    private void get(HttpExchange exchange, String path, Query query, String action)
            throws IOException {
        if (FILES.containsKey(path)) {
            send(exchange, 200, FILES.get(path), file(path));
        } else if (path.equals("/api/session")) {
            json(exchange, 200, new Session(action, options.allowActions(), options.showState()));
        } else if (path.equals("/api/state") || path.equals("/api/messages")) {
            inspect(exchange, path, query);
        } else if (path.equals("/top")) {
            String table = TopText.of(screens, looks.recent(), query);
            send(exchange, 200, PLAIN, table.getBytes(StandardCharsets.UTF_8));
        } else if (path.startsWith("/api/")) {
            Object shown = screens.show(path.substring("/api/".length()), looks.recent(), query);
            found(exchange, shown);
        } else if (path.startsWith("/stream/")) {
            stream(exchange, path.substring("/stream/".length()), query);
        } else {
            found(exchange, null);
        }
    }

    private void found(HttpExchange exchange, @Nullable Object shown) throws IOException {
        if (shown == null) {
            refuse(exchange, 404, "there is no such page");
        } else {
            json(exchange, 200, shown);
        }
    }

    private static byte[] file(String path) throws IOException {
        String name = "page" + (path.equals("/") ? "/index.html" : path);
        try (InputStream in = Pages.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("expected the resource " + name);
            }
            return in.readAllBytes();
        }
    }

    private void stream(HttpExchange exchange, String name, Query query) throws IOException {
        if (screens.show(name, looks.recent(), query) == null) { // before the headers are sent
            found(exchange, null);
        } else if (!streams.send(exchange, look -> Json.of(screens.show(name, look, query)))) {
            refuse(exchange, 503, "expected at most " + Streams.MOST + " open pages");
        }
    }

    private void inspect(HttpExchange exchange, String path, Query query) throws IOException {
        Look.Seen seen = looks.recent().find(query.process());
        if (seen == null) {
            refuse(exchange, 404, "there is no such process");
            return;
        }
        try {
            boolean state = path.endsWith("state");
            json(
                    exchange,
                    200,
                    state
                            ? inspection.state(seen.summary().pid())
                            : inspection.messages(seen.summary().pid()));
        } catch (Inspection.Refused refused) {
            refuse(exchange, 409, String.valueOf(refused.getMessage()));
        }
    }

    private void post(HttpExchange exchange, String path, Query query, Optional<String> action)
            throws IOException {
        String given = exchange.getRequestHeaders().getFirst(ACTION_HEADER);
        if (action.isEmpty() || given == null || !Gate.same(given, action.get())) {
            refuse(exchange, 403, "expected the header " + ACTION_HEADER + " of this session");
            return;
        }
        Look.Seen seen = looks.recent().find(query.process());
        if (!path.equals("/api/action") || seen == null) {
            refuse(exchange, 404, "there is no such process");
            return;
        }
        try {
            inspection.act(
                    query.text("do"),
                    seen.summary().pid(),
                    seen.summary().initialCall(),
                    String.valueOf(exchange.getRemoteAddress()));
            json(exchange, 200, Map.of());
        } catch (Inspection.Refused refused) {
            refuse(exchange, 409, String.valueOf(refused.getMessage()));
        }
    }

    private static void json(HttpExchange exchange, int status, Object value) throws IOException {
        send(exchange, status, JSON, Json.of(value).getBytes(StandardCharsets.UTF_8));
    }

    private static void refuse(HttpExchange exchange, int status, String why) throws IOException {
        if (exchange.getRequestURI().getPath().startsWith("/api/")) {
            json(exchange, status, new Problem(why));
        } else {
            send(exchange, status, PLAIN, (why.strip() + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body)
            throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
