package io.genserver.benchmarks;

import io.genserver.GenServer;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.StartOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/// This library: calls with a log context. The server looks up the entry in every request.
final class OursContext {

    private OursContext() {}

    /// @param options for the server
    static @Nullable Work servers(Operation operation, StartOption... options) {
        return operation == Operation.CALL_MDC
                ? timing -> Ours.waiting().inside(() -> calls(timing, options))
                : null;
    }

    private static Map<String, Double> calls(Work.Timing timing, StartOption... options)
            throws Exception {
        Pid server = GenServer.start(ContextServer::new, Ok.OK, options).pid();
        Map<String, Map<String, String>> contexts = new LinkedHashMap<>();
        contexts.put("empty", Map.of());
        contexts.put("one entry", Map.of(ContextServer.KEY, ContextServer.VALUE));
        Map<String, Double> measured = new LinkedHashMap<>();
        for (int pass = 0; pass < 2; pass++) { // the first pass warms up both
            for (Map.Entry<String, Map<String, String>> context : contexts.entrySet()) {
                MDC.setContextMap(context.getValue());
                int entries = context.getValue().containsKey(ContextServer.KEY) ? 1 : 0;
                measured.put(context.getKey(), calls(server, timing, entries));
            }
        }
        return measured;
    }

    /// @param entries the number of entries that the server sees in each call
    private static double calls(Pid server, Work.Timing timing, int entries) throws Exception {
        ContextServer.Increment increment = new ContextServer.Increment();
        ContextServer.Seen seen = new ContextServer.Seen();
        return Work.mean(
                5_000,
                timing,
                count -> {
                    long before = GenServer.call(server, seen);
                    for (int i = 0; i < count; i++) {
                        GenServer.call(server, increment);
                    }
                    Work.checkCount(before + (long) count * entries, GenServer.call(server, seen));
                });
    }
}
