package io.genserver.benchmarks;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.StartOption;
import io.genserver.cluster.Cluster;
import io.genserver.cluster.ClusterOptions;
import io.genserver.cluster.PayloadTypes;
import io.genserver.cluster.jgroups.JGroupsEngine;
import io.genserver.cluster.jgroups.JGroupsOptions;
import io.genserver.cluster.jgroups.Tls;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// One of two nodes of a cluster over JGroups.
final class OursCluster {

    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration SHORT = Duration.ofMillis(10);
    private static final ServerRef FAR = ServerRef.name("far", "server@127.0.0.1");

    private OursCluster() {}

    @SuppressWarnings("ArrayRecordComponent") // as Pekko and the BEAM have it
    record Echo(byte[] payload) implements Call<byte[]> {}

    record Arrived() implements Call<Integer> {}

    @SuppressWarnings("ArrayRecordComponent")
    record Numbered(int number, byte[] payload) {}

    /// @param arrived how many messages have arrived in order since the last question
    record State(int arrived) {}

    static final class Sink implements GenServer<State, State, Call<?>, Object> {
        @Override
        public Init<State> init(State start) {
            return Init.ok(start);
        }

        @Override
        public CallResult<State> handleCall(Call<?> request, From from, State state) {
            return switch (request) {
                case Echo echo -> CallResult.reply(echo, echo.payload(), state);
                case Arrived asked -> CallResult.reply(asked, state.arrived(), new State(0));
                default -> throw new AssertionError(request);
            };
        }

        @Override
        public CastResult<State> handleInfo(Object message, State state) {
            return message instanceof Numbered sent && sent.number() == state.arrived()
                    ? CastResult.noreply(new State(state.arrived() + 1))
                    : CastResult.noreply(state);
        }
    }

    /// Runs a node until the JVM is killed.
    ///
    /// @param arguments `server` or `client`; the addresses of this node and of the other; the
    ///   number of messages or `cut`; for TLS, the key store and the file with its password
    public static void main(String[] arguments) throws Exception {
        boolean isServer = arguments[0].equals("server");
        if (isServer) {
            GenServer.start(Sink::new, new State(0), StartOption.name("far")).pid();
        }
        start(arguments);
        if (isServer) {
            System.out.println("ready");
            new CountDownLatch(1).await(); // until it is killed
        }
        CountDownLatch done = new CountDownLatch(1);
        Processes.spawn(() ->
                Work.orHalt(() -> {
                    ClusterClient.run(new Far(), arguments[3]);
                    done.countDown();
                }));
        done.await();
        System.exit(0);
    }

    private static void start(String[] arguments) throws IOException, InterruptedException {
        JGroupsOptions options =
                JGroupsOptions.at(arguments[1]).withSeeds(List.of(arguments[1], arguments[2]));
        if (arguments.length > 4) {
            options = options.withTls(Tls.of(Path.of(arguments[4]), Path.of(arguments[5])));
        }
        Cluster.start(
                ClusterOptions.named(arguments[0] + "@127.0.0.1")
                        .withCookie("not a secret")
                        .withTypes(PayloadTypes.of(Echo.class, Arrived.class, Numbered.class)),
                new JGroupsEngine(options));
        while (arguments[0].equals("client") && Cluster.nodes().isEmpty()) {
            Thread.sleep(10);
        }
    }

    private static final class Far implements ClusterClient.Far {
        @Override
        public void call(byte[] payload) {
            GenServer.call(FAR, new Echo(payload));
        }

        @Override
        public void calls(int outstanding, int total, byte[] payload) throws Exception {
            CountDownLatch open = new CountDownLatch(outstanding);
            for (int i = 0; i < outstanding; i++) {
                int mine = total / outstanding + (i < total % outstanding ? 1 : 0);
                Processes.spawn(() ->
                        Work.orHalt(() -> {
                            for (int n = 0; n < mine; n++) {
                                call(payload);
                            }
                            open.countDown();
                        }));
            }
            open.await();
        }

        @Override
        public void send(int number, byte[] payload) {
            Processes.send(FAR, new Numbered(number, payload));
        }

        @Override
        public int arrived() {
            return GenServer.call(FAR, new Arrived(), LONG);
        }

        @Override
        public void awaitDown(Runnable monitoring) {
            Processes.monitor(FAR);
            call(new byte[0]); // arrives after the monitor
            monitoring.run();
            Processes.receive(Down.class);
        }

        @Override
        public boolean awaitAnswer() {
            while (true) {
                try {
                    call(new byte[0]);
                    return true;
                } catch (CallException stillGone) {
                    Processes.sleep(SHORT);
                }
            }
        }
    }
}
