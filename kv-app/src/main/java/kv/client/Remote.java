package kv.client;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import kv.server.Tls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection to a server. Lines are text here, and UTF-8 on the wire. Used by one thread, but
/// any thread may close it.
final class Remote implements Closeable {

    /// How long a connection or a reply may take.
    static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Logger log = LoggerFactory.getLogger(Remote.class);

    private final Endpoint address;
    private final Socket socket;
    private final BufferedReader replies;

    private Remote(Endpoint address, Socket socket) throws IOException {
        this.address = address;
        this.socket = socket;
        replies =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /// Connects, and shows the server the token.
    ///
    /// @throws IOException if the server cannot be reached or refuses the client; the message names
    ///   the server
    static Remote connect(Endpoint address) throws IOException {
        Socket socket = new Socket();
        try {
            int limit = Math.toIntExact(LIMIT.toMillis());
            socket.connect(address.server(), limit);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(limit);
            Tls tls = address.tls();
            Remote remote =
                    new Remote(
                            address,
                            tls == null
                                    ? socket
                                    : tls.connect(socket, address.server().getHostString()));
            remote.authenticate();
            return remote;
        } catch (IOException failed) {
            socket.close();
            throw new IOException(
                    "cannot connect to " + address + ": " + failed.getMessage(), failed);
        }
    }

    private void authenticate() throws IOException {
        if (address.token() != null) {
            String answer = ask("AUTH " + address.token());
            if (!answer.equals("OK")) {
                throw new IOException("the server answered " + answer);
            }
        }
    }

    /// Sends a request.
    void send(String request) throws IOException {
        socket.getOutputStream().write((request + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    /// Sends a request and returns the first line of the reply.
    String ask(String request) throws IOException {
        send(request);
        return line();
    }

    /// Waits for the next line of a reply.
    String line() throws IOException {
        try {
            String line = replies.readLine();
            if (line == null) {
                throw new EOFException(address + " has closed the connection");
            }
            return line;
        } catch (SocketTimeoutException late) {
            throw new IOException(
                    address + " has not answered within " + LIMIT.toSeconds() + " s", late);
        }
    }

    /// Lets [#line] wait without a limit.
    void waitForEver() throws IOException {
        socket.setSoTimeout(0);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /// Closes the connection. If that fails, there is nothing left to do.
    void closeQuietly() {
        try {
            close();
        } catch (IOException failed) {
            log.debug("A connection to {} could not be closed", address, failed);
        }
    }
}
