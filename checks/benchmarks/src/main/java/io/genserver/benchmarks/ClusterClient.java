package io.genserver.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/// Measures what it costs to talk to a server on another node, for each contestant in the same way.
/// It prints one line of figures, a line when it is monitoring the server, a line when it is told
/// that the other node is gone, and a line when the server answers again.
final class ClusterClient {

    static final int PAYLOAD = 100; // bytes
    static final int OUTSTANDING = 64;

    /// Instead of a number of messages: only lose the other node and wait until it is back.
    static final String CUT = "cut";

    /// How many messages are sent for each round trip.
    private static final int MESSAGES_PER_CALL = 15;

    private ClusterClient() {}

    /// A server on another node.
    interface Far {

        /// Makes a call and waits for the reply.
        void call(byte[] payload) throws Exception;

        /// Makes calls, so many at a time, and waits for all replies.
        void calls(int outstanding, int total, byte[] payload) throws Exception;

        /// Sends a message.
        void send(int number, byte[] payload) throws Exception;

        /// Waits until the server has handled all messages.
        ///
        /// @return how many have arrived in order since the last question
        int arrived() throws Exception;

        /// Begins to monitor the server, and waits until the runtime says that the server's node is
        /// gone.
        ///
        /// @param monitoring to be called when the monitor is set
        void awaitDown(Runnable monitoring) throws Exception;

        /// Waits until the server, which lives on, answers again.
        ///
        /// @return false at once if it never will
        boolean awaitAnswer() throws Exception;
    }

    /// Measures everything, or only waits for a cut and for its end.
    ///
    /// @param what the number of messages, or [#CUT]
    static void run(Far far, String what) throws Exception {
        if (!what.equals(CUT)) {
            measure(far, Integer.parseInt(what));
        }
        far.awaitDown(() -> say("monitoring"));
        say("down");
        if (what.equals(CUT)) {
            say(far.awaitAnswer() ? "together" : "apart");
        }
    }

    private static void say(String word) {
        System.out.println(word);
        System.out.flush();
    }

    private static void measure(Far far, int messages) throws Exception {
        int calls = Math.max(OUTSTANDING, messages / MESSAGES_PER_CALL);
        byte[] payload = new byte[PAYLOAD];
        roundTrips(far, calls, payload); // compiles what is measured
        stream(far, messages, payload);
        far.calls(OUTSTANDING, calls, payload);

        long[] nanos = roundTrips(far, calls, payload);
        double stream = stream(far, messages, payload);
        long start = System.nanoTime();
        far.calls(OUTSTANDING, calls * 3, payload);
        double rate = calls * 3 / seconds(start);
        System.out.printf(
                Locale.ROOT,
                "figures %.1f %.1f %.0f %.0f%n",
                nanos[nanos.length / 2] / 1e3,
                nanos[nanos.length * 99 / 100] / 1e3,
                stream,
                rate);
    }

    private static long[] roundTrips(Far far, int count, byte[] payload) throws Exception {
        long[] nanos = new long[count];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            far.call(payload);
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return nanos;
    }

    private static double stream(Far far, int count, byte[] payload) throws Exception {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            far.send(i, payload);
        }
        int arrived = far.arrived();
        double rate = count / seconds(start);
        Work.check(arrived == count, count + " messages in order", arrived);
        return rate;
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
