package io.genserver.benchmarks;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.actor.Terminated;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.pattern.Patterns;

/// One of two nodes of a Pekko cluster over Artery TCP. The configuration is the default, except
/// that logging is off, that the cluster is without the extension of the typed actors, that the
/// older of two nodes removes the other one when it cannot reach it, and that the queue of sent
/// messages holds them all. All messages are byte arrays, because Pekko needs no library to encode
/// them.
final class PekkoCluster {

    private static final Duration LONG = Duration.ofMinutes(2);
    private static final byte ECHO = 0;
    private static final byte NUMBERED = 1;
    private static final byte ARRIVED = 2;

    private PekkoCluster() {}

    static final class Sink extends AbstractActor {
        private int arrived;

        @Override
        public Receive createReceive() {
            return receiveBuilder().match(byte[].class, this::handle).build();
        }

        private void handle(byte[] message) {
            switch (message[0]) {
                case ECHO -> getSender().tell(message, getSelf());
                case NUMBERED -> arrived += ByteBuffer.wrap(message).getInt(1) == arrived ? 1 : 0;
                default -> {
                    getSender().tell(ByteBuffer.allocate(4).putInt(arrived).array(), getSelf());
                    arrived = 0;
                }
            }
        }
    }

    /// Waits for the death of the server.
    static final class Watcher extends AbstractActor {
        private final CountDownLatch down;

        Watcher(ActorRef far, CountDownLatch watches, CountDownLatch down) {
            this.down = down;
            getContext().watch(far);
            watches.countDown();
        }

        @Override
        public Receive createReceive() {
            return receiveBuilder().match(Terminated.class, _ -> down.countDown()).build();
        }
    }

    /// Runs a node until the JVM is killed.
    ///
    /// @param arguments `server` or `client`; the ports of this node and of the other; the number
    ///   of messages or `cut`
    public static void main(String[] arguments) throws Exception {
        boolean isServer = arguments[0].equals("server");
        // The older node survives, so the client is the first one.
        String first = isServer ? arguments[2] : arguments[1];
        ActorSystem system = ActorSystem.create("bench", config(arguments[1], first));
        if (isServer) {
            system.actorOf(Props.create(Sink.class), "far");
        }
        while (!isComplete(Cluster.get(system))) {
            Thread.sleep(10);
        }
        if (isServer) {
            System.out.println("ready");
            new CountDownLatch(1).await(); // until it is killed
        }
        ActorRef far =
                system.actorSelection("pekko://bench@127.0.0.1:" + arguments[2] + "/user/far")
                        .resolveOne(Duration.ofSeconds(30))
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS);
        ClusterClient.run(new Far(system, far), arguments[3]);
        System.exit(0);
    }

    private static boolean isComplete(Cluster cluster) {
        int up = 0;
        for (Member member : cluster.state().getMembers()) {
            up += member.status().equals(MemberStatus.up()) ? 1 : 0;
        }
        return up == 2;
    }

    private static Config config(String port, String seed) {
        return ConfigFactory.parseString(
                        """
                        pekko.loglevel = OFF
                        pekko.stdout-loglevel = OFF
                        pekko.loggers = []
                        pekko.library-extensions = []
                        pekko.actor.provider = cluster
                        pekko.remote.artery.transport = tcp
                        pekko.remote.artery.canonical.hostname = "127.0.0.1"
                        pekko.remote.artery.canonical.port = %s
                        pekko.remote.artery.advanced.outbound-message-queue-size = 1048576
                        pekko.cluster.seed-nodes = ["pekko://bench@127.0.0.1:%s"]
                        pekko.cluster.downing-provider-class =
                          "org.apache.pekko.cluster.sbr.SplitBrainResolverProvider"
                        pekko.cluster.split-brain-resolver.active-strategy = keep-oldest
                        """
                                .formatted(port, seed))
                .withFallback(ConfigFactory.load());
    }

    private record Far(ActorSystem system, ActorRef far) implements ClusterClient.Far {

        private CompletableFuture<Object> ask(byte[] message) {
            return Patterns.ask(far, message, LONG).toCompletableFuture();
        }

        @Override
        public void call(byte[] payload) {
            ask(payload).join();
        }

        @Override
        public void calls(int outstanding, int total, byte[] payload) {
            CompletableFuture<?>[] all = new CompletableFuture<?>[outstanding];
            for (int i = 0; i < outstanding; i++) {
                int mine = total / outstanding + (i < total % outstanding ? 1 : 0);
                all[i] = chain(mine, payload);
            }
            CompletableFuture.allOf(all).join();
        }

        private CompletableFuture<?> chain(int left, byte[] payload) {
            return left == 0
                    ? CompletableFuture.completedFuture(payload)
                    : ask(payload).thenComposeAsync(_ -> chain(left - 1, payload));
        }

        @Override
        public void send(int number, byte[] payload) {
            byte[] message = new byte[payload.length];
            ByteBuffer.wrap(message).put(NUMBERED).putInt(number);
            far.tell(message, ActorRef.noSender());
        }

        @Override
        public int arrived() {
            return ByteBuffer.wrap((byte[]) ask(new byte[] {ARRIVED}).join()).getInt();
        }

        @Override
        public void awaitDown(Runnable monitoring) throws InterruptedException {
            CountDownLatch watches = new CountDownLatch(1);
            CountDownLatch down = new CountDownLatch(1);
            system.actorOf(Props.create(Watcher.class, () -> new Watcher(far, watches, down)));
            watches.await();
            call(new byte[1]);
            monitoring.run();
            down.await();
        }

        @Override
        public boolean awaitAnswer() {
            return false; // a node that was removed stays out until its program starts again
        }
    }
}
