package kv.client;

import java.io.IOException;
import java.util.concurrent.Callable;
import kv.Problem;
import kv.console.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
            "2:an option or a line of the script was not valid, or a file could not be read",
            "130:Ctrl-C",
            "143:SIGTERM"
        })
public final class ClientCommand implements Callable<Integer> {

    @Mixin private EndpointOptions options = new EndpointOptions();

    /// Makes the command; for picocli.
    public ClientCommand() {}

    @Override
    public Integer call() {
        Endpoint endpoint = options.endpoint();
        try {
            RemoteShell shell = new RemoteShell(endpoint);
            shell.connect();
            return Session.run(shell, endpoint + "> ");
        } catch (IOException failed) {
            System.err.println("kv client: " + Problem.of(failed));
            return 1;
        }
    }
}
