package io.genserver.cluster.jgroups;

import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import io.genserver.ports.FreePorts;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Measures the engine alone, between two JVMs on this machine. It is no test, so it only runs when
/// it is named: `./verify -q -pl cluster-jgroups -am -Dtest=EngineBenchmark
/// -Dsurefire.failIfNoSpecifiedTests=false test`.
class EngineBenchmark {

    private static final int FRAME = 100;
    private static final int ROUND_TRIPS = 20_000;
    private static final int STREAM = 300_000;
    private static final int ROUNDS = 5;

    private static final byte ECHO = 0;
    private static final byte COUNT = 1;
    private static final byte LAST = 2;

    @TempDir Path folder;

    @Test
    void measure() throws Exception {
        Certificates certificates = new Certificates(folder);
        Path here = certificates.node("ours", "here");
        Path there = certificates.node("ours", "there");
        measure("plain", List.of(), List.of());
        measure(
                "TLS",
                List.of(here.toString(), certificates.password().toString()),
                List.of(there.toString(), certificates.password().toString()));
    }

    private void measure(String title, List<String> here, List<String> there) throws Exception {
        String address = FreePorts.nextAddress();
        String other = FreePorts.nextAddress();
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx512m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Answering.class.getName(),
                                other,
                                address));
        command.addAll(there);
        Process process = new ProcessBuilder(command).inheritIO().start();
        try (Asking asking = new Asking(options(address, other, here))) {
            Member peer = asking.peer();
            asking.roundTrips(peer);
            for (int round = 1; round <= ROUNDS; round++) {
                long[] micros = asking.roundTrips(peer);
                long rate = asking.stream(peer);
                System.out.printf(
                        "%-5s round trip p50 %d us, p99 %d us; one way %,d frames/s%n",
                        title, micros[micros.length / 2], micros[micros.length * 99 / 100], rate);
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static JGroupsOptions options(String address, String seed, List<String> tls) {
        JGroupsOptions options = JGroupsOptions.at(address).withSeeds(List.of(seed));
        return tls.isEmpty()
                ? options
                : options.withTls(Tls.of(Path.of(tls.get(0)), Path.of(tls.get(1))));
    }

    private static final class Asking implements Engine.Handler, AutoCloseable {

        private final BlockingQueue<Member> peers = new LinkedBlockingQueue<>();
        private final BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
        private final JGroupsEngine engine;

        Asking(JGroupsOptions options) throws Exception {
            engine = new JGroupsEngine(options);
            engine.start(this);
        }

        @Override
        public void members(Set<Member> members, Set<Member> merged) {
            peers.addAll(members);
        }

        @Override
        public void received(Member from, byte[] frame) {
            answers.add(frame);
        }

        /// Waits until both sides have been told of the other.
        Member peer() throws InterruptedException {
            answers.take();
            return peers.take();
        }

        long[] roundTrips(Member to) throws InterruptedException {
            long[] micros = new long[ROUND_TRIPS];
            byte[] frame = frame(ECHO, 0);
            for (int i = 0; i < ROUND_TRIPS; i++) {
                long start = System.nanoTime();
                engine.send(to, frame);
                answers.take();
                micros[i] = (System.nanoTime() - start) / 1_000;
            }
            Arrays.sort(micros);
            return micros;
        }

        long stream(Member to) throws InterruptedException {
            long start = System.nanoTime();
            for (int i = 0; i < STREAM; i++) {
                engine.send(to, frame(i == STREAM - 1 ? LAST : COUNT, i));
            }
            byte[] answer = answers.take();
            long nanos = System.nanoTime() - start;
            if (ByteBuffer.wrap(answer).getInt(1) != 0) {
                throw new AssertionError("frames were lost or out of order");
            }
            return STREAM * 1_000_000_000L / nanos;
        }

        @Override
        public void close() {
            engine.close();
        }
    }

    private static byte[] frame(byte kind, int number) {
        return ByteBuffer.allocate(FRAME).put(kind).putInt(number).array();
    }

    /// The other JVM.
    static final class Answering implements Engine.Handler {

        private final JGroupsEngine engine;
        private int expected;
        private int wrong;

        private Answering(JGroupsEngine engine) {
            this.engine = engine;
        }

        public static void main(String[] arguments) throws Exception {
            List<String> all = List.of(arguments);
            JGroupsEngine engine =
                    new JGroupsEngine(options(all.get(0), all.get(1), all.subList(2, all.size())));
            engine.start(new Answering(engine));
            new CountDownLatch(1).await(); // until it is killed
        }

        @Override
        public void members(Set<Member> members, Set<Member> merged) {
            members.forEach(member -> send(member, frame(ECHO, 0)));
        }

        @Override
        public void received(Member from, byte[] frame) {
            byte kind = frame[0];
            if (kind != ECHO && ByteBuffer.wrap(frame).getInt(1) != expected++) {
                wrong++;
            }
            if (kind == ECHO) {
                send(from, frame);
            } else if (kind == LAST) {
                send(from, frame(LAST, wrong));
                expected = 0;
            }
        }

        private void send(Member to, byte[] frame) {
            try {
                engine.send(to, frame);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
