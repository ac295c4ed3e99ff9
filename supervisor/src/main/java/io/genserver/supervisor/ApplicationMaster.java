package io.genserver.supervisor;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static io.genserver.CastResult.stop;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The process of one running application. It starts the root supervisor, ends when the root
/// supervisor ends, and stops it when the application is stopped.
final class ApplicationMaster
        implements TreeServer<ApplicationMaster.Argument, ApplicationMaster.State> {

    private static final Logger log = LoggerFactory.getLogger(Application.class);

    /// The program that an application belongs to.
    interface Program {

        /// Runs in the master when the tree has ended by itself with a reason other than `normal`,
        /// before the master ends.
        void treeEnded(String application, ExitReason reason);
    }

    /// The argument of `init`.
    ///
    /// @param program null if the application does not belong to an [Application#run]
    record Argument(
            Application application,
            String name,
            Configuration configuration,
            @Nullable Program program) {}

    /// The state: the argument, the root supervisor, and the program's process that ends with the
    /// application, or null.
    record State(Argument application, Pid root, @Nullable Pid program) {

        @Override
        public String toString() {
            return "application " + application.name() + " with the root supervisor " + root;
        }
    }

    /// A request whose reply shows that the tree had not ended when the request was made. If it
    /// had, the master handles that end first, and ends too.
    record StillRuns() implements Call<Ok> {}

    /// Links the program's process to the master, so that it ends when the tree ends by itself.
    record Link(Pid program) implements Call<Ok> {}

    static StartOption name(String application) {
        return StartOption.name(text(application));
    }

    static ServerRef reference(String application) {
        return ServerRef.name(text(application));
    }

    private static String text(String application) {
        return "application " + application;
    }

    @Override
    public Class<?> callbackModule() {
        return Application.class;
    }

    @Override
    public Init<State> init(Argument argument) throws Exception {
        Processes.trapExits(true);
        Processes.setLabel(argument.name());
        Configuration watched = argument.configuration().watched();
        ApplicationTable.add(
                argument.name(),
                new ApplicationTable.Entry(Processes.self(), argument.application(), watched));
        GiveUps.expect(reference(argument.name()));
        boolean started = false;
        try {
            Init<State> result = start(argument, watched);
            started = result instanceof Init.Ok;
            return result;
        } finally {
            if (!started) {
                forget(argument);
            }
        }
    }

    private static void forget(Argument argument) {
        GiveUps.forget(reference(argument.name()));
        ApplicationTable.remove(argument.name());
    }

    private static Init<State> start(Argument argument, Configuration configuration)
            throws Exception {
        Start<?> start = argument.application().start(configuration);
        return switch (Starting.checked(start)) {
            case Start.Ok(Pid root) -> {
                Processes.link(root); // the application may have started it without a link
                yield Init.ok(new State(argument, root, null));
            }
            case Start.Ignore<?> _ -> Init.ignore();
            case Start.Failed(ExitReason reason) -> Init.error(reason);
        };
    }

    @Override
    public CallResult<State> handleCall(Object request, From from, State state) {
        return switch (request) {
            case StillRuns still -> reply(still, Ok.OK, state);
            case Link link -> {
                Processes.link(link.program());
                yield reply(
                        link, Ok.OK, new State(state.application(), state.root(), link.program()));
            }
            default -> TreeServer.super.handleCall(request, from, state);
        };
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) {
        return switch (message) {
            case Exit(Pid from, ExitReason reason) when from.equals(state.root()) ->
                    stop(reasonOf(reason, state), state);
            case Exit _ -> noreply(state); // of the program, or of an unknown process
            default -> TreeServer.super.handleInfo(message, state);
        };
    }

    /// Returns why the tree ended. A root supervisor that gives up exits with `shutdown`, as one
    /// that was stopped; the application's reason says which it was.
    private static ExitReason reasonOf(ExitReason ofRoot, State state) {
        ReachedMaxRestartIntensity gaveUp =
                GiveUps.of(reference(state.application().name()), state.root());
        return gaveUp == null || !ofRoot.equals(ExitReason.SHUTDOWN)
                ? ofRoot
                : ExitReason.shutdown(gaveUp);
    }

    /// Stops the tree, unless the master ends because the tree has ended.
    @Override
    public void terminate(ExitReason reason, State state) {
        if (Processes.isAlive(state.root())) {
            stopOnPurpose(state);
        } else {
            treeEnded(reason, state.application());
        }
        forget(state.application());
    }

    private static void stopOnPurpose(State state) {
        Argument argument = state.application();
        attempt(argument, "prepStop", argument.application()::prepStop);
        ChildSpec<?> root = ChildSpec.supervisor(argument.name(), Start.Ignore::new);
        Stopping.stop(root.withRestart(Restart.TEMPORARY), state.root());
        log.info("application {} stopped", argument.name());
        attempt(argument, "stop", argument.application()::stop);
        if (state.program() != null) {
            Processes.unlink(state.program()); // so that the program goes on
        }
    }

    private static void treeEnded(ExitReason reason, Argument argument) {
        log.warn("application {} exited: {}", argument.name(), reason);
        attempt(argument, "stop", argument.application()::stop);
        if (argument.program() != null && !reason.equals(ExitReason.NORMAL)) {
            argument.program().treeEnded(argument.name(), reason);
        }
    }

    /// User code that may fail.
    private interface Step {
        void run() throws Exception;
    }

    private static void attempt(Argument argument, String what, Step step) {
        try {
            step.run();
        } catch (Throwable failed) { // user code must not prevent the stop
            log.error("{} of application {} failed", what, argument.name(), failed);
        }
    }
}
