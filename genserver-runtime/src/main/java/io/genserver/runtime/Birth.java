package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.Via;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a server needs until its init has ended, and nothing needs afterwards: how to make it, who
/// waits for it, its name and its init.
final class Birth {

    private final Supplier<? extends GenServer<?, ?, ?, ?>> server;
    private final Object argument;
    private final @Nullable LocalProcess caller;
    private final boolean link;
    private final StartOptions options;
    private final ReplySlot.Starting starter;

    /// The name it has in a registry of the user's. Owner.
    private @Nullable Via registered;

    /// How init ended, if badly. Written by the owner before it ends the process.
    private @Nullable Start failure;

    Birth(
            Supplier<? extends GenServer<?, ?, ?, ?>> server,
            Object argument,
            @Nullable LocalProcess caller,
            boolean link,
            StartOptions options) {
        this.server = Objects.requireNonNull(server, "server");
        this.argument = Objects.requireNonNull(argument, "argument");
        this.caller = caller;
        this.link = link;
        this.options = options;
        this.starter = new ReplySlot.Starting(caller);
    }

    StartOptions options() {
        return options;
    }

    /// Who starts it; null if that is no process.
    @Nullable LocalProcess caller() {
        return caller;
    }

    /// The caller, if it is to be linked.
    @Nullable LocalProcess parent() {
        return link ? caller : null;
    }

    /// What the caller waits on.
    ReplySlot.Starting starter() {
        return starter;
    }

    /// Registers the name, makes the server and runs its init. Owner.
    ///
    /// @return the first state, or null if the process has been ended
    Init.@Nullable Ok<Object> run(ServerProcess process) {
        Init<Object> result;
        try {
            if (options.name() != null && !claimName(process, options.name())) {
                return null;
            }
            LogContext.enter(process, starter);
            result = init(process);
        } catch (Throwable thrown) { // whatever it is, the start failed with it
            ExitReason reason = Thrown.reason(thrown);
            return fail(process, new Start.Failed(reason), reason);
        }
        return switch (result) {
            case Init.Ok<Object> ok -> ok;
            case null -> {
                ExitReason reason = new ExitReason.BadReturnValue(null);
                yield fail(process, new Start.Failed(reason), reason);
            }
            case Init.Ignore<Object> _ -> fail(process, new Start.Ignore(), ExitReason.NORMAL);
            case Init.Stop<Object>(ExitReason reason) ->
                    fail(process, new Start.Failed(reason), reason);
            case Init.Fail<Object>(ExitReason reason) ->
                    fail(process, new Start.Failed(reason), ExitReason.NORMAL);
        };
    }

    @SuppressWarnings("unchecked") // start() checked the argument against the server's type
    private @Nullable Init<Object> init(ServerProcess process) throws Exception {
        GenServer<Object, Object, Object, Object> instance =
                (GenServer<Object, Object, Object, Object>)
                        Objects.requireNonNull(
                                server.get(),
                                "expected the supplier of a server to make one, got: null");
        process.replaceCode(instance);
        return instance.init(argument);
    }

    private boolean claimName(ServerProcess process, ServerRef name) {
        return switch (name) {
            case Name local -> {
                LocalProcess holder = process.register(local);
                yield holder == null || nameTaken(process, holder.pid);
            }
            case Via via -> register(process, via);
            case Pid taken -> throw new AssertionError(taken);
        };
    }

    private boolean register(ServerProcess process, Via via) {
        if (via.registry().registerName(via.key(), process.pid)) {
            registered = via;
            return true;
        }
        return via.registry()
                .whereisName(via.key())
                .map(holder -> nameTaken(process, holder))
                .orElseGet(() -> {
                    ExitReason taken = ExitReason.of("the name " + via + " is taken");
                    fail(process, new Start.Failed(taken), ExitReason.NORMAL);
                    return false;
                });
    }

    private boolean nameTaken(ServerProcess process, Pid holder) {
        ExitReason taken = new ExitReason.AlreadyStarted(holder);
        fail(process, new Start.Failed(taken), ExitReason.NORMAL);
        return false;
    }

    private Init.@Nullable Ok<Object> fail(ServerProcess process, Start outcome, ExitReason exit) {
        if (registered != null) {
            registered.registry().unregisterName(registered.key());
        }
        failure = outcome;
        process.die(exit);
        return null;
    }

    /// The exit of a server that never was is its starter's result; if the starter traps exits, it
    /// is not told twice. The thread that ended the process, before links are told.
    void beforeSignals(ServerProcess process) {
        LocalProcess parent = parent();
        if (parent != null && parent.trapsExits()) {
            parent.dropLink(process);
        }
    }

    /// Tells the starter that it failed. The thread that ended the process.
    void afterSignals(ExitReason reason) {
        Start outcome = failure;
        starter.reply(outcome == null ? new Start.Failed(reason) : outcome);
    }
}
