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
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The process of one running application: it starts the root supervisor, ends with it, and stops
/// it when it is told to.
final class ApplicationMaster
        implements GenServer<
                ApplicationMaster.Argument,
                ApplicationMaster.State,
                ApplicationMaster.StillRuns,
                Object> {

    private static final Logger log = LoggerFactory.getLogger(Application.class);

    /// The argument of init.
    record Argument(Application application, Configuration configuration) {}

    /// The application and its root supervisor.
    record State(Application application, Pid root) {}

    /// A request whose answer says that the tree had not ended when it was made: the master hears
    /// of that end first, and ends, too.
    record StillRuns() implements Call<Ok> {}

    static StartOption name(Application application) {
        return StartOption.name(text(application));
    }

    static ServerRef reference(Application application) {
        return ServerRef.name(text(application));
    }

    private static String text(Application application) {
        return "application " + application.name();
    }

    @Override
    public Init<State> init(Argument argument) throws Exception {
        Processes.trapExits(true);
        Processes.setLabel(argument.application().name());
        return switch (argument.application().start(argument.configuration())) {
            case Start.Ok(Pid root) -> {
                Processes.link(root); // it is already, unless the application has started it alone
                yield Init.ok(new State(argument.application(), root));
            }
            case Start.Ignore _ -> Init.ignore();
            case Start.Failed(ExitReason reason) -> Init.error(reason);
        };
    }

    @Override
    public CallResult<State> handleCall(StillRuns request, From from, State state) {
        return reply(request, Ok.OK, state);
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) {
        return message instanceof Exit(Pid from, ExitReason reason) && from.equals(state.root())
                ? stop(reason, state)
                : noreply(state);
    }

    /// Stops the tree unless that is down already, which is why it ends.
    @Override
    public void terminate(ExitReason reason, State state) {
        Application application = state.application();
        if (Processes.isAlive(state.root())) {
            attempt(application, "prepStop", application::prepStop);
            ChildSpec root = ChildSpec.supervisor(application.name(), () -> new Start.Ignore());
            Stopping.stop(root.withRestart(Restart.TEMPORARY), state.root());
            log.info("application {} stopped", application.name());
        } else {
            log.warn("application {} exited: {}", application.name(), reason);
        }
        attempt(application, "stop", application::stop);
    }

    /// Something of the user's that may fail.
    private interface Step {
        void run() throws Exception;
    }

    private static void attempt(Application application, String what, Step step) {
        try {
            step.run();
        } catch (Exception failed) { // the user's; the stop goes on
            log.error("{} of application {} failed", what, application.name(), failed);
        }
    }
}
