package kv.server;

import io.genserver.CallException;
import io.genserver.Pid;
import io.genserver.ProcessBody;
import io.genserver.Processes;
import io.genserver.StartException;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import kv.nodes.Entry;
import kv.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client. Its process reads requests, answers them in order, and writes the replies to all
/// requests that have arrived together with one write.
///
/// The process owns the socket: when the process ends, for whatever reason, the socket is closed.
final class Connection implements LineInput.Progress {

    private static final Logger log = LoggerFactory.getLogger(Connection.class);

    private static final byte TLS_HANDSHAKE = 0x16;

    /// Ends a connection after a last reply.
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        private final String reply;

        Refused(String reply, String reason) {
            super(reason);
            this.reply = reply;
        }
    }

    private final Front front;
    private final Socket socket;
    private final Watched watched;
    private final LineInput input;
    private final LineOutput output;
    private final Writes writes;

    private boolean authenticated;
    private boolean greeted; // a first line has been read

    private Connection(Front front, Socket socket, Watched watched) throws IOException {
        this.front = front;
        this.socket = socket;
        this.watched = watched;
        authenticated = front.access().isOpen();
        input =
                new LineInput(
                        socket.getInputStream(), front.buffers(), front.limits().line(), this);
        output =
                new LineOutput(
                        socket.getOutputStream(),
                        front.buffers(),
                        () -> watched.begin(Phase.WRITING),
                        () -> watched.begin(Phase.WORKING));
        writes = new Writes(front.buckets(), output);
    }

    /// Returns the body of a process that serves one client until it closes the connection.
    static ProcessBody of(Front front, Socket accepted) {
        return () -> serve(front, accepted);
    }

    private static void serve(Front front, Socket accepted) {
        Processes.onExit(accepted);
        try (accepted;
                Watched watched = new Watched(accepted, front.watched());
                Socket socket = front.tls() == null ? accepted : front.tls().accept(accepted)) {
            new Connection(front, socket, watched).serve();
        } catch (IOException closed) {
            log.atDebug()
                    .addKeyValue("client", accepted.getRemoteSocketAddress())
                    .log("A connection ended: {}", closed.toString());
        }
    }

    private void serve() throws IOException {
        try {
            answerAll();
            end();
        } catch (LineInput.TooLong tooLong) {
            refuse("LINE TOO LONG", tooLong);
        } catch (Buffers.Exhausted exhausted) {
            front.statistics().refused.increment();
            socket.getOutputStream().write(Words.bytes("TOO BUSY\r\n"));
        } catch (Refused refused) {
            refuse(refused.reply, refused);
        } catch (CallException | StartException | StoreException | Writes.Failed failed) {
            output.line("ERROR");
            end();
            throw failed; // ends this connection, and no other process
        } finally {
            input.close();
            output.close();
        }
    }

    private void refuse(String reply, IOException reason) throws IOException {
        log.atDebug()
                .addKeyValue("client", socket.getRemoteSocketAddress())
                .log("A connection is ended: {}", reason.getMessage());
        output.line(reply);
        end();
    }

    /// Writes what is left, and waits a moment until the client closes the connection. A close
    /// while the client still sends would destroy the replies on their way.
    private void end() throws IOException {
        output.flush();
        watched.begin(Phase.CLOSING);
        input.close();
        socket.shutdownOutput();
        input.discardAll();
    }

    private void answerAll() throws IOException {
        while (input.awaitLine()) {
            watched.begin(Phase.WORKING);
            do {
                if (!greeted) {
                    greet();
                }
                front.statistics().requests.increment();
                answer(input.takeRequest());
            } while (input.hasLine());
            writes.finish();
            output.flush();
        }
        if (watched.isLate()) {
            throw new Refused("LINE TIMEOUT", "a line did not come in time");
        }
    }

    @Override
    public void awaitsLine() {
        watched.begin(authenticated ? Phase.IDLE : Phase.GREETING);
    }

    @Override
    public void awaitsRest(byte first) throws IOException {
        if (!greeted && first == TLS_HANDSHAKE) {
            throw new IOException("the client speaks TLS, and the server does not");
        }
        watched.begin(Phase.READING);
    }

    /// Refuses a web browser. Any page can make a browser send lines of its choice to this port,
    /// but the first line, or else the header `Host:`, shows that it is a browser.
    private void greet() throws Refused {
        greeted = true;
        String line = input.line().strip();
        if (line.startsWith("HTTP/", line.lastIndexOf(' ') + 1)) {
            throw refusedHttp();
        }
    }

    private static Refused refusedHttp() {
        return new Refused("HTTP IS NOT SPOKEN HERE", "the client speaks HTTP");
    }

    private void answer(Request request) throws IOException {
        if (!authenticated) {
            authenticate(request);
            return;
        }
        if (!(request instanceof Request.Put || request instanceof Request.Delete)) {
            writes.finish();
        }
        try {
            run(request);
        } catch (Unavailable bucket) {
            output.line(bucket.reply());
        }
    }

    private void run(Request request) throws IOException {
        switch (request) {
            case Request.Create(String bucket) -> create(bucket);
            case Request.Put put -> put(put);
            case Request.Get(String name, String key) -> get(name, key);
            case Request.Delete(String name, String key) ->
                    writes.begin(name, new Bucket.Delete(key));
            case Request.Subscribe(String name) -> subscribe(name);
            case Request.Auth _ -> output.line("OK");
            case Request.Operator question -> tell(question);
            case Request.Http _ -> throw refusedHttp();
            case Request.Unknown _ -> {
                front.statistics().unknown.increment();
                output.line("UNKNOWN COMMAND");
            }
        }
    }

    private void tell(Request.Operator question) throws IOException {
        watched.begin(Phase.ASKING);
        List<String> lines = Operators.answer(question, front);
        watched.begin(Phase.WORKING);
        for (String line : lines) {
            output.line(line);
        }
    }

    private void authenticate(Request request) throws IOException {
        if (request instanceof Request.Http) {
            throw refusedHttp();
        }
        if (!(request instanceof Request.Auth(String token))) {
            throw new Refused("AUTH REQUIRED", "expected AUTH first");
        }
        long now = Processes.monotonicTime();
        if (front.access().isBanned(socket.getInetAddress(), now)
                || !front.access().check(token, socket.getInetAddress(), now)) {
            throw new Refused("AUTH FAILED", "the token is wrong");
        }
        authenticated = true;
        output.line("OK");
    }

    private void create(String bucket) throws IOException {
        output.line(isTooLong(bucket) ? "KEY TOO LONG" : front.buckets().create(bucket).reply());
    }

    private void put(Request.Put put) throws IOException {
        if (isTooLong(put.key())) {
            writes.answer("KEY TOO LONG");
        } else if (put.value().length() > front.limits().value()) {
            writes.answer("VALUE TOO LONG");
        } else {
            writes.begin(put.bucket(), new Bucket.Put(put.key(), put.value()));
        }
    }

    private boolean isTooLong(String key) {
        return key.length() > front.limits().key();
    }

    private void get(String name, String key) throws IOException {
        Optional<Entry> found = front.buckets().get(name, key);
        if (found.isEmpty()) {
            output.line("NOT FOUND");
            return;
        }
        output.line(found.get().value().orElse(""));
        output.line("OK");
    }

    private void subscribe(String name) throws IOException {
        output.flush(); // the bucket sends changes only from now on
        Subscriber subscriber = new Subscriber(Processes.self(), front.limits().unread());
        Optional<Pid> source = front.buckets().subscribe(name, subscriber);
        if (source.isEmpty()) {
            output.line("NOT FOUND");
            return;
        }
        new Subscription(source.get(), subscriber, input, output, watched).serve();
    }
}
