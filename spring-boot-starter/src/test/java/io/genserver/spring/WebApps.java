package io.genserver.spring;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// Starts web applications on a free port and sends requests to them.
final class WebApps {

    private WebApps() {}

    /// @param name the name of the application, which its node gets, too
    static ConfigurableApplicationContext start(
            Class<?> app, WebApplicationType type, String name) {
        return new SpringApplicationBuilder(app)
                .web(type)
                .properties(
                        "server.port=0",
                        "spring.application.name=" + name,
                        "spring.jmx.enabled=false",
                        "management.endpoint.health.show-details=always",
                        "management.endpoints.web.exposure.include=health,genserver")
                .run();
    }

    static CompletableFuture<HttpResponse<String>> send(
            ConfigurableApplicationContext context, String path) {
        String port = context.getEnvironment().getProperty("local.server.port");
        URI uri = URI.create("http://localhost:" + port + path);
        return HttpClient.newHttpClient()
                .sendAsync(
                        HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
