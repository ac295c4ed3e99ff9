package kv.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Objects;
import kv.Address;
import kv.OptionCheck;
import kv.Problem;
import kv.server.Access;
import kv.server.Tls;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// The options of each command that connects to a server.
public final class EndpointOptions {

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Parameters(
            paramLabel = "HOST:PORT",
            converter = Address.class,
            description = "Where the server listens, as localhost:4040 or [::1]:4040.")
    private @Nullable InetSocketAddress server;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Send the first line of this file to the server, which asks for it.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            description = "Speak TLS, and trust the certificates in this file (PEM).")
    private @Nullable Path roots;

    /// Makes the options; for picocli.
    public EndpointOptions() {}

    /// Reads the files that the options name.
    ///
    /// @return what is needed to connect
    /// @throws ParameterException if a file cannot be read or has no such content
    public Endpoint endpoint() {
        try {
            return new Endpoint(
                    Objects.requireNonNull(server, "set by picocli"),
                    tokenFile == null ? null : Access.readToken(tokenFile),
                    roots == null ? null : Tls.ofClient(roots));
        } catch (IOException unreadable) {
            throw new OptionCheck(command).wrong(Problem.of(unreadable));
        }
    }
}
