package io.genserver.runtime;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Start;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/// A request that reaches a dying server is always answered, wherever the request is when the
/// server dies. See [LifeCycle].
public final class ExitVsSend {

    private ExitVsSend() {}

    private static ReplySlot request() {
        return new ReplySlot.Request("request", null);
    }

    @JCStressTest
    @Outcome(id = "boom", expect = ACCEPTABLE, desc = "The caller learns of the death.")
    @Outcome(expect = FORBIDDEN, desc = "The caller would wait for ever.")
    @State
    public static class Queued {
        private final BareProcess server = new BareProcess();
        private final ReplySlot slot = request();

        @Actor
        public void caller() {
            server.deliver(slot);
        }

        @Actor
        public void killer() {
            server.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = ReplySlotRace.outcome(slot);
        }
    }

    @JCStressTest
    @Outcome(id = "waits", expect = ACCEPTABLE, desc = "The caller has no answer yet.")
    @Outcome(id = "answered, told", expect = ACCEPTABLE, desc = "The monitor has been told before.")
    @Outcome(expect = FORBIDDEN, desc = "A stop would return before its Down is there.")
    @State
    public static class AnsweredLast {
        private final BareProcess watcher = new BareProcess();
        private final BareProcess server = new BareProcess();
        private final ReplySlot slot = request();

        public AnsweredLast() {
            watcher.monitor(server, server.pid, Monitor.Options.NONE);
        }

        @Actor
        public void caller(L_Result result) {
            server.deliver(slot);
            boolean answered = slot.isAnswered();
            boolean told = watcher.mailbox.hasNew();
            result.r1 = answered ? "answered, " + (told ? "told" : "not told") : "waits";
        }

        @Actor
        public void killer() {
            server.die(BareProcess.BOOM);
        }
    }

    @JCStressTest
    @Outcome(id = "boom", expect = ACCEPTABLE, desc = "The caller learns of the death.")
    @Outcome(expect = FORBIDDEN, desc = "The caller would wait for ever.")
    @State
    public static class TakenForLater {
        private final BareProcess server = new BareProcess();
        private final ReplySlot slot = request();

        public TakenForLater() {
            server.deliver(slot);
        }

        @Actor
        public void owner() {
            if (server.mailbox.take() instanceof ReplySlot taken) {
                server.defer(taken);
            }
        }

        @Actor
        public void killer() {
            server.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = ReplySlotRace.outcome(slot);
        }
    }

    /// The owner takes one of several messages while the dying thread takes them all.
    @JCStressTest
    @Outcome(id = "boom, boom, boom", expect = ACCEPTABLE, desc = "All callers learn of it.")
    @Outcome(expect = FORBIDDEN, desc = "A caller would wait for ever.")
    @State
    public static class TakenTogether {
        private final BareProcess server = new BareProcess();
        private final ReplySlot first = request();
        private final ReplySlot second = request();
        private final ReplySlot third = request();

        public TakenTogether() {
            server.deliver(first);
            server.deliver(second);
            server.deliver(third);
        }

        @Actor
        public void owner() {
            if (server.mailbox.take() instanceof ReplySlot taken) {
                server.begin(taken);
            }
        }

        @Actor
        public void killer() {
            server.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 =
                    ReplySlotRace.outcome(first)
                            + ", "
                            + ReplySlotRace.outcome(second)
                            + ", "
                            + ReplySlotRace.outcome(third);
        }
    }

    @JCStressTest
    @Outcome(id = "boom, 0", expect = ACCEPTABLE, desc = "The caller learns of the death.")
    @Outcome(expect = FORBIDDEN, desc = "The caller waits for ever, or the mailbox is not emptied.")
    @State
    public static class SentToTheDead {
        private final BareProcess server = new BareProcess();
        private final ReplySlot slot = request();

        public SentToTheDead() {
            server.die(BareProcess.BOOM);
        }

        @Actor
        public void caller() {
            server.deliver(slot);
        }

        @Actor
        public void owner() {
            server.drainDead();
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = ReplySlotRace.outcome(slot) + ", " + server.mailbox.length();
        }
    }

    /// A third thread looks at the messages, so it holds the right to consume for a moment.
    @JCStressTest
    @Outcome(id = "boom, 0", expect = ACCEPTABLE, desc = "The caller learns of the death.")
    @Outcome(expect = FORBIDDEN, desc = "The caller waits for ever, or the mailbox is not emptied.")
    @State
    public static class LookedAt {
        private final BareProcess server = new BareProcess();
        private final ReplySlot slot = request();

        public LookedAt() {
            server.deliver(slot);
        }

        @Actor
        public void looker() {
            server.info();
        }

        @Actor
        public void killer() {
            server.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = ReplySlotRace.outcome(slot) + ", " + server.mailbox.length();
        }
    }

    /// A real server with threads of its own, and a real call.
    @JCStressTest
    @Outcome(id = "reply", expect = ACCEPTABLE, desc = "The call is first.")
    @Outcome(id = "killed", expect = ACCEPTABLE, desc = "The server dies with the call.")
    @Outcome(id = "noproc", expect = ACCEPTABLE, desc = "The death is first.")
    @Outcome(expect = FORBIDDEN, desc = "The caller waits until its time is up.")
    @State
    public static class Called {

        record Ask() implements Call<String> {}

        static final class Answerer implements GenServer<Ok, Ok, Ask, Object> {
            @Override
            public Init<Ok> init(Ok ok) {
                return Init.ok(ok);
            }

            @Override
            public CallResult<Ok> handleCall(Ask ask, From from, Ok state) {
                return CallResult.reply(ask, "reply", state);
            }
        }

        private final Pid server;

        public Called() {
            Start<?> start = new LocalRuntime().start(Answerer::new, Ok.OK, false);
            server = start.pid();
        }

        @Actor
        public void caller(L_Result result) {
            try {
                result.r1 = new LocalRuntime().call(server, new Ask(), Duration.ofSeconds(5));
            } catch (CallException failed) {
                result.r1 = failed.serverReason();
            }
        }

        @Actor
        public void killer() {
            new LocalRuntime().exit(server, ExitReason.KILL);
        }
    }
}
