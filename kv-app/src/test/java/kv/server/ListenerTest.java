package kv.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.ports.FreePorts;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class ListenerTest {

    @Test
    void the_port_is_open_after_the_thread_that_accepts_was_interrupted() throws Exception {
        InetAddress host = InetAddress.getLoopbackAddress();
        try (Listener listener = Listener.bind(host, FreePorts.next())) {
            for (int i = 0; i < 1_000; i++) {
                ServerSocket socket = listener.socket();
                Thread acceptor =
                        Thread.ofVirtual().start(new FutureTask<>(() -> accept(listener, socket)));
                new Socket(host, listener.port()).close(); // it accepts
                acceptor.interrupt();

                ServerSocket next = listener.socket();
                new Socket(host, listener.port()).close();
                listener.accept(next).close(); // this client or the one before
                assertThat(next.isClosed()).isFalse();
            }
        }
    }

    private static Void accept(Listener listener, ServerSocket socket) throws Exception {
        while (true) {
            listener.accept(socket).close();
        }
    }
}
