package io.genserver.observer;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Processes;
import java.util.concurrent.CountDownLatch;

/// A server of which everything that the page shows can be chosen.
record Clerk() implements GenServer<String, String, Clerk.Ask, Object> {

    record Ask(String text) implements Call<String> {}

    /// Makes the server busy until the latch is open.
    record Wait(CountDownLatch begun, CountDownLatch end) {}

    record Crash(String text) {}

    @Override
    public Init<String> init(String text) {
        Processes.setLabel("label " + text);
        Processes.put("key " + text, "value " + text);
        return Init.ok("state " + text);
    }

    @Override
    public CallResult<String> handleCall(Ask request, From from, String state) {
        return CallResult.reply(request, state, state);
    }

    @Override
    public CastResult<String> handleCast(Object request, String state) throws Exception {
        switch (request) {
            case Wait(CountDownLatch begun, CountDownLatch end) -> {
                begun.countDown();
                end.await();
            }
            case Crash(String text) -> throw new IllegalStateException(text);
            default -> {} // only to be in the mailbox
        }
        return CastResult.noreply(state);
    }
}
