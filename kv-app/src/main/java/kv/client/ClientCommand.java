package kv.client;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kv.Problem;
import kv.console.Session;
import kv.server.Access;
import kv.server.Tls;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

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

    private static final Pattern HOST_AND_PORT = Pattern.compile("(.+):(\\d{1,5})");

    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "HOST:PORT", description = "Where the server listens.")
    private String server = "";

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
    public Integer call() throws IOException {
        Matcher matcher = HOST_AND_PORT.matcher(server);
        if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65_535) {
            throw new ParameterException(
                    java.util.Objects.requireNonNull(spec).commandLine(),
                    "expected HOST:PORT, such as 127.0.0.1:4040, got: " + server);
        }
        try {
            Remote.Address address =
                    new Remote.Address(
                            matcher.group(1),
                            Integer.parseInt(matcher.group(2)),
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
