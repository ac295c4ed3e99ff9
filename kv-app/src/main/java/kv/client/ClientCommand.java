package kv.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import kv.Address;
import kv.Problem;
import kv.console.Session;
import kv.server.Access;
import kv.server.Tls;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `kv client`: the console, or a script, against a server.
@Command(
        name = "client",
        mixinStandardHelpOptions = true,
        header = "Runs commands on a server that runs elsewhere.",
        description = {
            "",
            "On a terminal, this is a console with completion, help and a history. Otherwise it runs a"
                    + " script: one command per line of standard input.",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:success",
            "1:the server could not be reached, or ended the connection",
            "2:an option or a line of the script was not valid",
            "130:Ctrl-C",
            "143:SIGTERM"
        })
public final class ClientCommand implements Callable<Integer> {

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

    /// Makes the command; for picocli.
    public ClientCommand() {}

    @Override
    public Integer call() {
        try {
            Remote.Address address =
                    new Remote.Address(
                            Objects.requireNonNull(server, "set by picocli"),
                            tokenFile == null ? null : Access.readToken(tokenFile),
                            roots == null ? null : Tls.ofClient(roots));
            RemoteShell shell = new RemoteShell(address);
            shell.connect();
            return Session.run(shell, address + "> ");
        } catch (IOException failed) {
            System.err.println("kv client: " + Problem.of(failed));
            return 1;
        }
    }
}
