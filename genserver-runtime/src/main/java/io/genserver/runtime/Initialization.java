package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.RemoteName;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.Via;
import io.genserver.spi.Machine.Event;
import io.genserver.spi.RuntimeListener;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a server needs until its init has ended, and never afterwards: how to create it, the
/// process that starts it, its name and its start options.
final class Initialization {

    private static final Logger log = LoggerFactory.getLogger(GenServer.class);

    private final Supplier<? extends GenServer<?, ?, ?, ?>> server;
    private final Object argument;
    private final @Nullable LocalProcess caller;
    private final boolean link;

    /// Whether nobody waits for the result, so the parent has to learn of a failure over the link.
    private final boolean unattended;

    private final StartOptions options;
    private final ReplySlot.Starting starter;

    /// The name under which it is in a user's registry; null for none. Owner.
    private @Nullable Via registered;

    /// The outcome of an init that ended badly. Written by the owner before it ends the process,
    /// read by the dying thread.
    private @Nullable Start<?> failure;

    Initialization(
            Supplier<? extends GenServer<?, ?, ?, ?>> server,
            Object argument,
            @Nullable LocalProcess caller,
            boolean link,
            StartOptions options) {
        this(server, argument, caller, link, false, options);
    }

    /// Makes the initialization of a child that its parent does not wait for.
    static Initialization unattended(
            Supplier<? extends GenServer<?, ?, ?, ?>> server,
            Object argument,
            LocalProcess parent,
            StartOptions options) {
        return new Initialization(server, argument, parent, true, true, options);
    }

    private Initialization(
            Supplier<? extends GenServer<?, ?, ?, ?>> server,
            Object argument,
            @Nullable LocalProcess caller,
            boolean link,
            boolean unattended,
            StartOptions options) {
        this.server = Objects.requireNonNull(server, "server");
        this.argument = Objects.requireNonNull(argument, "argument");
        this.caller = caller;
        this.link = link;
        this.unattended = unattended;
        this.options = options;
        this.starter = new ReplySlot.Starting(caller);
    }

    StartOptions options() {
        return options;
    }

    /// Returns the process that starts the server; null if a thread that is no process does.
    @Nullable LocalProcess caller() {
        return caller;
    }

    /// Returns the caller if it is to be linked, else null.
    @Nullable LocalProcess parent() {
        return link ? caller : null;
    }

    /// Returns the request that the caller waits for.
    ReplySlot.Starting starter() {
        return starter;
    }

    /// Registers the name, creates the server, runs its init and tells the starter the outcome.
    /// Owner.
    ///
    /// @return whether the server now serves
    boolean run(ServerProcess process) {
        @Nullable Object[] entered;
        try {
            entered = MessageContext.enterWith(starter);
        } catch (StackOverflowError noStack) {
            ExitReason reason = Thrown.reason(noStack);
            return fail(process, new Start.Failed<>(reason), reason);
        }
        try {
            return runInContext(process);
        } finally {
            MessageContext.leave(entered);
        }
    }

    private boolean runInContext(ServerProcess process) {
        Init<Object> result;
        if (process.node.machine != null) {
            process.node.step(Event.TURN, Context.get(), null, "init");
            if (process.isDead()) {
                return false;
            }
        }
        try {
            if (options.name() != null && !claimName(process, options.name())) {
                return false;
            }
            result = make(process).init(argument);
        } catch (Throwable thrown) { // any throwable makes the start fail
            ExitReason reason = Thrown.reason(thrown);
            return fail(process, new Start.Failed<>(reason), reason);
        }
        return switch (result) {
            case Init.Ok<Object> ok -> serve(process, ok);
            case null -> {
                ExitReason reason = new ExitReason.BadReturnValue(null);
                yield fail(process, new Start.Failed<>(reason), reason);
            }
            case Init.Ignore<Object> _ -> fail(process, new Start.Ignore<>(), ExitReason.NORMAL);
            case Init.Stop<Object>(ExitReason reason) ->
                    fail(process, new Start.Failed<>(reason), reason);
            case Init.Fail<Object>(ExitReason reason) ->
                    fail(process, new Start.Failed<>(reason), ExitReason.NORMAL);
        };
    }

    @SuppressWarnings("unchecked") // start() checked the argument against the server's type
    private GenServer<Object, Object, Object, Object> make(ServerProcess process) {
        GenServer<Object, Object, Object, Object> code =
                (GenServer<Object, Object, Object, Object>)
                        Objects.requireNonNull(
                                server.get(),
                                "expected the supplier of a server to make one, got: null");
        process.callbacks.replaceCode(code);
        process.node.noteStart(process);
        Threads.useLoaderOf(code);
        return code;
    }

    private boolean serve(ServerProcess process, Init.Ok<Object> ok) {
        process.callbacks.begin(ok, options.debug());
        if (!process.initialized()) {
            return false;
        }
        if (process.node.machine != null) {
            process.node.step(Event.REPLY, Context.get(), starter.callerPid(), "started");
        }
        RuntimeListener listeners = Listeners.added();
        if (listeners != null) {
            listeners.serverInitialized(process.node, process.pid, process.initialCall());
        }
        starter.reply(new Start.Ok<>(process.pid));
        process.callbacks.actAfterInit(ok.action());
        return !process.isDead();
    }

    private boolean claimName(ServerProcess process, ServerRef name) {
        return switch (name) {
            case Name local -> {
                LocalProcess holder = process.register(local);
                yield holder == null || nameTaken(process, holder.pid);
            }
            case Via via -> register(process, via);
            case Pid _, RemoteName _ -> throw new AssertionError(name); // no name of a start
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
                    return fail(process, new Start.Failed<>(taken), ExitReason.NORMAL);
                });
    }

    private boolean nameTaken(ServerProcess process, Pid holder) {
        ExitReason taken = new ExitReason.AlreadyStarted(holder);
        return fail(process, new Start.Failed<>(taken), ExitReason.NORMAL);
    }

    private boolean fail(ServerProcess process, Start<?> outcome, ExitReason exit) {
        failure = outcome;
        if (registered != null) {
            unregister(registered);
        }
        try {
            process.stepToEnd();
        } finally {
            process.die(exit);
        }
        return false;
    }

    private static void unregister(Via via) {
        try {
            via.registry().unregisterName(via.key());
        } catch (RuntimeException broken) { // the user's registry; the outcome of init matters more
            log.error("the registry of {} failed to unregister it", via, broken);
        }
    }

    /// Keeps the exit message from a starter that traps exits, because the result of the start
    /// reports the failure. The dying thread, before links are told.
    void beforeSignals(ServerProcess process) {
        LocalProcess parent = parent();
        if (parent != null && parent.trapsExits() && !unattended) {
            parent.dropLink(process);
        }
    }

    /// Tells the starter that the start has failed. The dying thread.
    void afterSignals(ExitReason reason) {
        Start<?> outcome = failure;
        starter.reply(outcome == null ? new Start.Failed<>(reason) : outcome);
    }
}
