package io.genserver.documentation.guide;

import static io.genserver.CallResult.reply;

import io.genserver.*;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

final class Catalogue implements GenServer<HttpClient, Catalogue.State, Catalogue.Title, Object> {

    record Title(URI book) implements Call<String> {}

    record State(HttpClient client, Map<URI, String> titles) {}

    @Override
    public Init<State> init(HttpClient client) {
        return Init.ok(new State(client, new HashMap<>()));
    }

    @Override
    public CallResult<State> handleCall(Title request, From from, State state) throws Exception {
        String known = state.titles().get(request.book());
        String title = known == null ? load(state.client(), request.book()) : known;
        state.titles().put(request.book(), title);
        return reply(request, title, state);
    }

    private static String load(HttpClient client, URI book) throws Exception {
        HttpRequest get = HttpRequest.newBuilder(book).timeout(Duration.ofSeconds(3)).build();
        return client.send(get, BodyHandlers.ofString()).body();
    }
}
