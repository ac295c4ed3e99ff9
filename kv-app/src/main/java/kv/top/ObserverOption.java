package kv.top;

import io.genserver.observer.Observer;
import io.genserver.observer.ObserverOptions;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import kv.OptionCheck;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The option that starts an observer with the program.
public final class ObserverOption {

    private static final int HIGHEST_PORT = 65_535;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(
            names = "--observer",
            paramLabel = "PORT",
            arity = "0..1",
            fallbackValue = "0",
            description =
                    "Show the processes in a browser on this machine, and print the address on standard"
                            + " error. Without a port, a free one is taken. See also kv top.")
    private @Nullable Integer port;

    /// Makes the option; for picocli.
    public ObserverOption() {}

    /// Starts the observer if the user wants one. It lives as long as the program.
    ///
    /// @return false if it cannot start; the user has been told why
    public boolean start() {
        if (port == null) {
            return true;
        }
        try {
            start(port);
            return true;
        } catch (UncheckedIOException failed) {
            System.err.println("kv did not start: " + failed.getMessage());
            return false;
        }
    }

    private void start(int wanted) {
        new OptionCheck(command).between("--observer", 0, HIGHEST_PORT, wanted);
        Observer observer =
                Observer.start(
                        ObserverOptions.defaults()
                                .withPort(wanted)
                                .withAccessFile(accessFile(ProcessHandle.current().pid())));
        Runtime.getRuntime().addShutdownHook(new Thread(observer::close));
        System.err.println("observer: " + observer.url() + " (works once)");
    }

    /// Returns the file that lets other programs of the same user read the observer of a kv.
    static Path accessFile(long pid) {
        return folder().resolve("observer-" + pid);
    }

    static Path folder() {
        return Path.of(System.getProperty("user.home"), ".kv");
    }
}
