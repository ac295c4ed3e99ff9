package io.genserver.benchmarks;

import io.genserver.Agent;
import io.genserver.GenServer;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// This library: calls, casts and messages.
final class Ours {

    private record Ping(Pid from) {}

    private record Token(int hops) {}

    private enum Signal {
        DATA,
        END,
        PONG,
        WAKE
    }

    private static final Duration NAP = Duration.ofNanos(Outside.NAP);

    private Ours() {}

    /// Counters that are servers started with the given options.
    static Waiting waiting(StartOption... options) {
        return new Waiting(
                () -> new CounterServer.Client(CounterServer.begin(options)),
                body -> Processes.spawn(body::run));
    }

    /// Returns the options and a name.
    static StartOption[] named(String name, StartOption... options) {
        StartOption[] all = Arrays.copyOf(options, options.length + 1);
        all[options.length] = StartOption.name(name);
        return all;
    }

    static @Nullable Work work(Operation operation) {
        Waiting waiting = waiting();
        return switch (operation) {
            case SEND -> timing -> waiting.inside(() -> send(timing));
            case PING_PONG -> timing -> waiting.inside(() -> pingPong(timing));
            case RING ->
                    timing ->
                            waiting.inside(
                                    () -> ring(Operation.RING_SIZE, Operation.RING_HOPS, timing));
            default -> null;
        };
    }

    /// Returns an operation on servers, or null if it is none.
    ///
    /// @param options for all servers and agents
    static @Nullable Work servers(Operation operation, StartOption... options) {
        Waiting waiting = waiting(options);
        Outside outside = new Outside(waiting, Ours::nap);
        return switch (operation) {
            case CALL_PROCESS -> waiting::callInside;
            case CALL_THREAD -> waiting::callOutside;
            case CALL_8X1 -> waiting.calls(8, 1);
            case CALL_8X8 -> waiting.calls(8, 8);
            case CAST_1X1 -> waiting::cast;
            case CAST_4X1 -> waiting.casts(4);
            case OUTSIDE_2 -> outside.pairs(2);
            case OUTSIDE_8 -> outside.pairs(8);
            case OUTSIDE_64 -> outside.pairs(64);
            case INSIDE_64 -> waiting.calls(64, 64);
            case MIXED_1CALL_1CAST -> waiting.mixed(1, 1);
            case MIXED_1CALL_9CASTS -> waiting.mixed(1, 9);
            case MIXED_8X8_1CALL_1CAST -> waiting.mixed(8, 1);
            case MIXED_8X8_1CALL_9CASTS -> waiting.mixed(8, 9);
            case REQUEST_REPLY -> timing -> waiting.inside(() -> requestReply(timing, options));
            case SERVER_PING_PONG ->
                    timing -> waiting.inside(() -> RingServer.pingPong(timing, options));
            case SERVER_RING -> timing -> waiting.inside(() -> RingServer.ring(timing, options));
            case AGENT_GET ->
                    timing -> waiting.inside(() -> Cell.gets(MapAgent.begin(options), timing));
            case AGENT_UPDATE ->
                    timing -> waiting.inside(() -> Cell.updates(MapAgent.begin(options), timing));
            default -> null;
        };
    }

    /// Waits for [Outside#NAP] by a timer that sends the process a message.
    private static void nap() {
        Processes.sendAfter(Processes.self(), Signal.WAKE, NAP);
        Processes.receive(Signal.class);
    }

    private static Map<String, Double> send(Work.Timing timing) throws Exception {
        Pid self = Processes.self();
        Pid sink =
                Processes.spawn(() -> {
                    long count = 0;
                    while (true) {
                        if (Processes.receive(Signal.class) == Signal.DATA) {
                            count++;
                        } else {
                            Processes.send(self, count);
                        }
                    }
                });
        long[] sent = new long[1];
        return Work.each(
                100_000,
                timing,
                count -> {
                    for (int i = 0; i < count; i++) {
                        Processes.send(sink, Signal.DATA);
                    }
                    Processes.send(sink, Signal.END);
                    sent[0] += count;
                    Work.checkCount(sent[0], Processes.receive(Long.class));
                });
    }

    private static Map<String, Double> pingPong(Work.Timing timing) throws Exception {
        Pid server =
                Processes.spawn(() -> {
                    while (true) {
                        Processes.send(Processes.receive(Ping.class).from(), Signal.PONG);
                    }
                });
        Ping ping = new Ping(Processes.self());
        return Work.each(
                5_000,
                timing,
                count -> {
                    for (int i = 0; i < count; i++) {
                        Processes.send(server, ping);
                        Signal answer = Processes.receive(Signal.class);
                        Work.check(answer == Signal.PONG, Signal.PONG, answer);
                    }
                });
    }

    private static Map<String, Double> requestReply(Work.Timing timing, StartOption... options)
            throws Exception {
        Pid server = GenServer.start(ReplyServer::new, Ok.OK, options).pid();
        ReplyServer.Request request = new ReplyServer.Request(Processes.self());
        long[] last = new long[1];
        return Work.each(
                5_000,
                timing,
                count -> {
                    for (int i = 0; i < count; i++) {
                        Processes.send(server, request);
                        Work.checkCount(
                                ++last[0], Processes.receive(ReplyServer.Reply.class).value());
                    }
                });
    }

    /// @param hops a multiple of the size
    static Map<String, Double> ring(int size, int hops, Work.Timing timing) throws Exception {
        Pid self = Processes.self();
        Pid next = self;
        for (int i = 1; i < size; i++) {
            Pid after = next;
            next =
                    Processes.spawn(() -> {
                        while (true) {
                            int left = Processes.receive(Token.class).hops();
                            Processes.send(after, new Token(left - 1));
                        }
                    });
        }
        Pid first = next;
        return Work.each(
                hops,
                timing,
                count -> {
                    int left = count;
                    while (left > 0) {
                        Processes.send(first, new Token(left - 1));
                        left = Processes.receive(Token.class).hops();
                    }
                    Work.checkCount(0, left);
                });
    }

    private record MapAgent(Pid agent) implements Cell {

        static MapAgent begin(StartOption... options) {
            return new MapAgent(
                    Agent.<Map<String, Long>>start(() -> new HashMap<>(Map.of(KEY, 0L)), options)
                            .pid());
        }

        @Override
        public long get() {
            return Agent.<Map<String, Long>, Long>get(agent, map -> map.getOrDefault(KEY, 0L));
        }

        @Override
        public void update() {
            Agent.<Map<String, Long>>run(agent, map -> map.merge(KEY, 1L, Long::sum));
        }
    }
}
