package demo;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// Where the nodes of a lab listen, and how they are cut off from each other.
sealed interface Network {

    /// Returns the address of a node.
    ///
    /// @param number the number of the node, 1 or more
    String address(int number) throws IOException;

    /// Returns the network of this program. The script `cluster-demo` gives it one of its own if it
    /// can.
    static Network ofThisProgram() {
        return Boolean.getBoolean("demo.own.network") ? new Own() : new Shared();
    }

    /// From one node to another.
    record Way(int from, int to) {}

    /// A loopback network that no other process sees. Each node has an address of its own.
    record Own() implements Network {

        @Override
        public String address(int number) {
            return "127.0.0." + number + ":7801";
        }

        /// Drops what nodes send to others, from one moment on.
        void cut(List<Way> ways) throws IOException, InterruptedException {
            StringBuilder rules =
                    new StringBuilder(
                            """
                            add table ip cut
                            add chain ip cut out { type filter hook output priority 0 ; }
                            """);
            for (Way way : ways) {
                rules.append(
                        "add rule ip cut out ip saddr 127.0.0.%d ip daddr 127.0.0.%d drop\n"
                                .formatted(way.from(), way.to()));
            }
            nft(rules.toString());
        }

        /// Lets everything pass.
        void heal() throws IOException, InterruptedException {
            nft("add table ip cut\ndelete table ip cut");
        }

        private static void nft(String command) throws IOException, InterruptedException {
            Shell.run("nft", command);
        }
    }

    /// The loopback network of the machine, which cannot be cut. Each node has a port of its own.
    record Shared(List<Integer> ports) implements Network {

        Shared() {
            this(new ArrayList<>());
        }

        @Override
        public String address(int number) throws IOException {
            while (ports.size() < number) {
                ports.add(freePort());
            }
            return "127.0.0.1:" + ports.get(number - 1);
        }

        /// Returns a port below those that the system gives to connections, because the port of a
        /// node that is down has to stay free.
        private static int freePort() throws IOException {
            while (true) {
                int port = ThreadLocalRandom.current().nextInt(10_000, 32_768);
                try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                    return port;
                } catch (BindException _) {
                    // somebody listens there: try another one
                }
            }
        }
    }
}
