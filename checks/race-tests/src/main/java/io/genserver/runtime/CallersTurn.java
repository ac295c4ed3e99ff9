package io.genserver.runtime;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.genserver.Attachment;
import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/// Turns of servers on the threads that send them something: one at a time, none lost, and no
/// interrupt reaches the wrong code. See [Lending]. The servers are real ones. A call gives up
/// after two seconds, so that a lost message is an outcome and not a test that hangs.
public final class CallersTurn {

    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int LOST = -1;

    private CallersTurn() {}

    record Next() implements Call<Integer> {}

    /// Counts what it is sent, without synchronization, and records whether a turn was ever
    /// interrupted.
    static final class Counter implements GenServer<Ok, Ok, Next, Object> {
        private int count;
        private boolean disturbed;

        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok);
        }

        @Override
        public CallResult<Ok> handleCall(Next next, From from, Ok ok) {
            disturbed |= Thread.currentThread().isInterrupted();
            return CallResult.reply(next, ++count, ok);
        }

        @Override
        public CastResult<Ok> handleCast(Object more, Ok ok) {
            count++;
            return CastResult.noreply(ok);
        }

        @Override
        public CastResult<Ok> handleInfo(Object more, Ok ok) {
            count++;
            return CastResult.noreply(ok);
        }
    }

    /// A counter and its process.
    private static final class Server {
        final Counter counter = new Counter();
        final Pid pid = GenServer.start(() -> counter, Ok.OK, StartOption.nonBlocking()).pid();

        int call() {
            try {
                return GenServer.call(pid, new Next(), PATIENCE);
            } catch (CallException late) {
                return LOST;
            }
        }

        /// Calls the server while the server or the caller dies, and describes the outcome.
        String tryCall() {
            try {
                return GenServer.call(pid, new Next(), PATIENCE).toString();
            } catch (CallException failed) {
                return failed.serverReason().toString();
            } catch (ExitException dead) {
                return "caller " + dead.reason();
            }
        }

        /// Ends the server and returns what it has counted.
        int end() {
            int count = call() - 1;
            Processes.exit(pid, ExitReason.KILL);
            return count;
        }
    }

    @JCStressTest
    @Outcome(
            id = {"1, 2", "2, 1"},
            expect = ACCEPTABLE,
            desc = "One after the other.")
    @Outcome(expect = FORBIDDEN, desc = "Both at once, or one has no answer.")
    @State
    public static class CallAndCall {
        private final Server server = new Server();

        @Actor
        public void one(II_Result result) {
            result.r1 = server.call();
        }

        @Actor
        public void other(II_Result result) {
            result.r2 = server.call();
        }

        @Arbiter
        public void end() {
            server.end();
        }
    }

    @JCStressTest
    @Outcome(id = "4", expect = ACCEPTABLE, desc = "All have arrived.")
    @Outcome(expect = FORBIDDEN, desc = "One was lost, or handled at the same time as another.")
    @State
    public static class TellAndTell {
        private final Server server = new Server();

        @Actor
        public void one() {
            GenServer.cast(server.pid, "more");
            GenServer.cast(server.pid, "more");
        }

        @Actor
        public void other() {
            Processes.send(server.pid, "more");
            Processes.send(server.pid, "more");
        }

        @Arbiter
        public void end(I_Result result) {
            result.r1 = server.end();
        }
    }

    @JCStressTest
    @Outcome(
            id = {"1, 2", "2, 2"},
            expect = ACCEPTABLE,
            desc = "Both have arrived.")
    @Outcome(expect = FORBIDDEN, desc = "One was lost.")
    @State
    public static class CallAndTell {
        private final Server server = new Server();

        @Actor
        public void caller(II_Result result) {
            result.r1 = server.call();
        }

        @Actor
        public void teller() {
            GenServer.cast(server.pid, "more");
        }

        @Arbiter
        public void end(II_Result result) {
            result.r2 = server.end();
        }
    }

    @JCStressTest
    @Outcome(id = "1, false", expect = ACCEPTABLE, desc = "The turn came first.")
    @Outcome(id = "killed, false", expect = ACCEPTABLE, desc = "Killed in the turn.")
    @Outcome(id = "noproc, false", expect = ACCEPTABLE, desc = "The death came first.")
    @Outcome(expect = FORBIDDEN, desc = "No answer, or the caller keeps the server's interrupt.")
    @State
    public static class CallAndKill {
        private final Server server = new Server();

        @Actor
        public void caller(LL_Result result) {
            result.r1 = server.tryCall();
            result.r2 = Thread.interrupted();
        }

        @Actor
        public void killer() {
            Processes.exit(server.pid, ExitReason.KILL);
        }
    }

    @JCStressTest
    @Outcome(id = "1, false, false", expect = ACCEPTABLE, desc = "The call came first.")
    @Outcome(
            id = "caller killed, false, false",
            expect = ACCEPTABLE,
            desc = "The death is noticed.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "The server's turn gets the caller's interrupt, or it is left.")
    @State
    public static class CallAndKillOfCaller {
        private final Server server = new Server();
        private final CallerProcess caller = new CallerProcess();

        @Actor
        public void caller(LLL_Result result) {
            result.r1 = caller.call(server);
            result.r3 = Thread.interrupted();
        }

        @Actor
        public void killer() {
            caller.kill();
        }

        @Arbiter
        public void end(LLL_Result result) {
            result.r2 = server.counter.disturbed;
            Processes.exit(server.pid, ExitReason.KILL);
        }
    }

    /// The actor's thread, which is a process for one call.
    private static final class CallerProcess {
        private volatile Object pid = "none yet";

        String call(Server server) {
            Attachment attached = Processes.attach();
            try {
                pid = attached.pid();
                return server.tryCall();
            } finally {
                attached.close();
            }
        }

        void kill() {
            for (int i = 0; i < 1_000; i++) {
                if (pid instanceof Pid known) {
                    Processes.exit(known, ExitReason.KILL);
                    return;
                }
                Thread.onSpinWait();
            }
        }
    }

    @JCStressTest
    @Outcome(id = "killed", expect = ACCEPTABLE, desc = "The monitor hears of the death.")
    @Outcome(expect = FORBIDDEN, desc = "It is not told, or told otherwise.")
    @State
    public static class TellAndKill {
        private final BareProcess watcher = new BareProcess();
        private final Server server = new Server();

        public TellAndKill() {
            watcher.monitor(LocalNode.local(server.pid), server.pid, Monitor.Options.NONE);
        }

        @Actor
        public void teller() {
            GenServer.cast(server.pid, "more");
        }

        @Actor
        public void killer() {
            Processes.exit(server.pid, ExitReason.KILL);
        }

        @Arbiter
        public void end(L_Result result) {
            result.r1 = watcher.downs();
        }
    }
}
