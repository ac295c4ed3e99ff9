package io.genserver.cluster;

import io.genserver.DebugOption;
import io.genserver.ExitReason;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.RemoteName;
import io.genserver.ServerRef;
import io.genserver.Via;
import io.genserver.spi.SystemRequest;
import io.genserver.spi.distribution.Signal;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Writes and reads signals. The numbers are part of the protocol and never change.
final class Signals {

    private static final int SEND = 1;
    private static final int SEND_TO_ALIAS = 2;
    private static final int CAST = 3;
    private static final int CALL = 4;
    private static final int STOP = 5;
    private static final int SYSTEM_CALL = 6;
    private static final int REPLY = 7;
    private static final int FAILED = 8;
    private static final int ABANDON = 9;
    private static final int WATCH = 10;
    private static final int ENDED = 11;
    private static final int WATCH_NAME = 12;
    private static final int UNWATCH_NAME = 13;
    private static final int NAMED_ENDED = 14;
    private static final int LINK = 15;
    private static final int UNLINK = 16;
    private static final int UNLINK_ACK = 17;
    private static final int EXIT = 18;
    private static final int WHEREIS = 19;
    private static final int PROCESS_INFO_OF = 20;

    private static final int TO_PID = 0;
    private static final int TO_NAME = 1;
    private static final int TO_REMOTE_NAME = 2;

    private static final int HAS_FROM = 1;
    private static final int HAS_LOG_CONTEXT = 2;

    private static final int GET_STATE = 0;
    private static final int GET_STATUS = 1;
    private static final int SUSPEND = 2;
    private static final int RESUME = 3;
    private static final int GET_LOG = 4;
    private static final int GET_STATISTICS = 5;
    private static final int REMOVE = 6;
    private static final int NO_DEBUG = 7;
    private static final int TRACE = 8;
    private static final int LOG = 9;
    private static final int LOG_TO_FILE = 10;
    private static final int NO_LOG_TO_FILE = 11;
    private static final int STATISTICS = 12;

    /// How many failed calls of a chain are kept as such in a reason that is put into words.
    private static final int KEPT_CALLS = 8;

    private final Payloads payloads;
    private final int limit;

    /// @param limit the longest signal; units: bytes
    Signals(PayloadTypes types, int limit) {
        this.limit = limit;
        payloads = new Payloads(types, limit);
    }

    /// Writes a signal.
    ///
    /// @param peerLimit the longest signal that the peer takes; units: bytes
    /// @throws IllegalArgumentException if it cannot be encoded or is too long
    byte[] write(Signal signal, Ends ends, int peerLimit) {
        FrameWriter out = new FrameWriter(Math.min(limit, peerLimit));
        switch (signal) {
            case Signal.Send(ServerRef to, Object message, var logContext) -> {
                start(out, SEND, ends, to);
                writeOptions(out, ends, null, logContext);
                payloads.write(out, ends, message);
            }
            case Signal.SendToAlias(var to, Object message) -> {
                out.write(SEND_TO_ALIAS);
                ends.writeRef(out, to);
                payloads.write(out, ends, message);
            }
            case Signal.Cast(ServerRef to, var from, Object request, var logContext) -> {
                start(out, CAST, ends, to);
                writeOptions(out, ends, from, logContext);
                payloads.write(out, ends, request);
            }
            case Signal.Call(long id, ServerRef to, var from, Object request, var logContext) -> {
                start(out, CALL, ends, to);
                out.writeUnsigned(id);
                writeOptions(out, ends, from, logContext);
                payloads.write(out, ends, request);
            }
            case Signal.Stop(long id, ServerRef to, var from, ExitReason reason) -> {
                start(out, STOP, ends, to);
                out.writeUnsigned(id);
                writeOptions(out, ends, from, null);
                payloads.write(out, ends, reason);
            }
            case Signal.SystemCall(long id, ServerRef to, var from, SystemRequest request) -> {
                start(out, SYSTEM_CALL, ends, to);
                out.writeUnsigned(id);
                writeOptions(out, ends, from, null);
                writeRequest(out, ends, request);
            }
            case Signal.Whereis(long id, String name) -> {
                start(out, WHEREIS, id);
                out.writeString(name);
            }
            case Signal.ProcessInfoOf(long id, Pid process) -> {
                start(out, PROCESS_INFO_OF, id);
                ends.writePid(out, process);
            }
            case Signal.Reply(long id, var reply) -> {
                start(out, REPLY, id);
                payloads.write(out, ends, reply);
            }
            case Signal.Failed(long id, ExitReason reason, boolean unhandled) -> {
                start(out, FAILED, id);
                out.write(unhandled ? 1 : 0);
                payloads.write(out, ends, reason);
            }
            case Signal.Abandon(long id) -> start(out, ABANDON, id);
            case Signal.Watch(Pid process) -> {
                out.write(WATCH);
                ends.writePid(out, process);
            }
            case Signal.Ended(Pid process, ExitReason reason) -> {
                out.write(ENDED);
                ends.writePid(out, process);
                payloads.write(out, ends, reason);
            }
            case Signal.WatchName(long id, String name) -> {
                start(out, WATCH_NAME, id);
                out.writeString(name);
            }
            case Signal.UnwatchName(long id) -> start(out, UNWATCH_NAME, id);
            case Signal.NamedEnded(long id, ExitReason reason) -> {
                start(out, NAMED_ENDED, id);
                payloads.write(out, ends, reason);
            }
            case Signal.Link(Pid from, Pid to) -> writePair(out, LINK, ends, from, to);
            case Signal.Unlink(long id, Pid from, Pid to) -> {
                writePair(out, UNLINK, ends, from, to);
                out.writeUnsigned(id);
            }
            case Signal.UnlinkAck(long id, Pid from, Pid to) -> {
                writePair(out, UNLINK_ACK, ends, from, to);
                out.writeUnsigned(id);
            }
            case Signal.Exit(Pid from, Pid to, ExitReason reason) -> {
                writePair(out, EXIT, ends, from, to);
                payloads.write(out, ends, reason);
            }
        }
        return out.toBytes();
    }

    /// Returns how many bytes a value takes.
    ///
    /// @param peerLimit the longest signal that the peer takes; units: bytes
    /// @throws IllegalArgumentException if it cannot be encoded or is too long
    int size(Object value, Ends ends, int peerLimit) {
        FrameWriter out = new FrameWriter(Math.min(limit, peerLimit));
        payloads.write(out, ends, value);
        return out.toBytes().length;
    }

    private static void start(FrameWriter out, int code, Ends ends, ServerRef to) {
        out.write(code);
        switch (to) {
            case Pid pid -> {
                out.write(TO_PID);
                ends.writePid(out, pid);
            }
            case Name(String name) -> {
                out.write(TO_NAME);
                out.writeString(name);
            }
            case RemoteName(String name, String node) -> {
                out.write(TO_REMOTE_NAME);
                out.writeString(name);
                out.writeString(node);
            }
            case Via via ->
                    throw new IllegalArgumentException(
                            "expected a pid or a name, because a registry does not cross to another"
                                    + " node, got: "
                                    + via);
        }
    }

    private static void start(FrameWriter out, int code, long id) {
        out.write(code);
        out.writeUnsigned(id);
    }

    private static void writePair(FrameWriter out, int code, Ends ends, Pid from, Pid to) {
        out.write(code);
        ends.writePid(out, from);
        ends.writePid(out, to);
    }

    private static void writeOptions(
            FrameWriter out,
            Ends ends,
            @Nullable Pid from,
            @Nullable Map<String, String> logContext) {
        out.write((from == null ? 0 : HAS_FROM) | (logContext == null ? 0 : HAS_LOG_CONTEXT));
        if (from != null) {
            ends.writePid(out, from);
        }
        if (logContext != null) {
            // Some loggers let a context hold null. Its reader sees the same without the entry.
            Map<String, String> present = new HashMap<>(logContext);
            present.values().removeIf(Objects::isNull);
            out.writeUnsigned(present.size());
            present.forEach((key, value) -> {
                out.writeString(key);
                out.writeString(value);
            });
        }
    }

    private void writeRequest(FrameWriter out, Ends ends, SystemRequest request) {
        switch (request) {
            case SystemRequest.GetState() -> out.write(GET_STATE);
            case SystemRequest.GetStatus() -> out.write(GET_STATUS);
            case SystemRequest.Suspend() -> out.write(SUSPEND);
            case SystemRequest.Resume() -> out.write(RESUME);
            case SystemRequest.GetLog() -> out.write(GET_LOG);
            case SystemRequest.GetStatistics() -> out.write(GET_STATISTICS);
            case SystemRequest.NoDebug() -> out.write(NO_DEBUG);
            case SystemRequest.Remove(Object id) -> {
                out.write(REMOVE);
                payloads.write(out, ends, id);
            }
            case SystemRequest.Debug(DebugOption option) -> writeOption(out, option);
            case SystemRequest.ReplaceState _ -> throw refused("Sys.replaceState");
            case SystemRequest.ChangeCode _ -> throw refused("Sys.changeCode");
        }
    }

    private static void writeOption(FrameWriter out, DebugOption option) {
        switch (option) {
            case DebugOption.Trace(boolean on) -> {
                out.write(TRACE);
                out.write(on ? 1 : 0);
            }
            case DebugOption.Log(int events) -> {
                out.write(LOG);
                out.writeUnsigned(events);
            }
            case DebugOption.LogToFile(var file) -> {
                out.write(file == null ? NO_LOG_TO_FILE : LOG_TO_FILE);
                if (file != null) {
                    out.writeString(file.toString());
                }
            }
            case DebugOption.Statistics(boolean on) -> {
                out.write(STATISTICS);
                out.write(on ? 1 : 0);
            }
            case DebugOption.Install _ -> throw refused("Sys.install");
        }
    }

    private static IllegalArgumentException refused(String operation) {
        return new IllegalArgumentException(
                "expected a request without a function, because code does not cross to another"
                        + " node, got: "
                        + operation
                        + "; run it on the server's node");
    }

    /// Reads a signal, which has to be all that is left.
    Signal read(FrameReader in, Ends ends) throws FrameException {
        if (in.left() > limit) {
            throw new FrameException(
                    "expected a signal of " + limit + " bytes at most, got: " + in.left());
        }
        try {
            Signal signal = readSignal(in, ends);
            in.expectEnd();
            return signal;
        } catch (RuntimeException e) {
            // The checks of a name, a path or an address.
            throw new FrameException("expected a signal, got one that was refused: " + e, e);
        }
    }

    private Signal readSignal(FrameReader in, Ends ends) throws FrameException {
        int code = in.readByte();
        return switch (code) {
            case SEND -> {
                ServerRef to = readTo(in, ends);
                Options options = readOptions(in, ends);
                yield new Signal.Send(to, payloads.readPresent(in, ends), options.logContext());
            }
            case SEND_TO_ALIAS ->
                    new Signal.SendToAlias(ends.readRef(in), payloads.readPresent(in, ends));
            case CAST -> {
                ServerRef to = readTo(in, ends);
                Options options = readOptions(in, ends);
                Object request = payloads.readPresent(in, ends);
                yield new Signal.Cast(to, options.from(), request, options.logContext());
            }
            case CALL -> {
                ServerRef to = readTo(in, ends);
                long id = in.readUnsigned();
                Options options = readOptions(in, ends);
                Object request = payloads.readPresent(in, ends);
                yield new Signal.Call(id, to, options.from(), request, options.logContext());
            }
            case STOP -> {
                ServerRef to = readTo(in, ends);
                long id = in.readUnsigned();
                Options options = readOptions(in, ends);
                yield new Signal.Stop(id, to, options.from(), readReason(in, ends));
            }
            case SYSTEM_CALL -> {
                ServerRef to = readTo(in, ends);
                long id = in.readUnsigned();
                Options options = readOptions(in, ends);
                yield new Signal.SystemCall(id, to, options.from(), readRequest(in, ends));
            }
            case REPLY -> new Signal.Reply(in.readUnsigned(), payloads.read(in, ends));
            case FAILED -> {
                long id = in.readUnsigned();
                boolean unhandled = in.readByte() == 1;
                yield new Signal.Failed(id, readReason(in, ends), unhandled);
            }
            case ABANDON -> new Signal.Abandon(in.readUnsigned());
            case WATCH -> new Signal.Watch(ends.readPid(in));
            case ENDED -> new Signal.Ended(ends.readPid(in), readReason(in, ends));
            case WATCH_NAME -> new Signal.WatchName(in.readUnsigned(), in.readString());
            case UNWATCH_NAME -> new Signal.UnwatchName(in.readUnsigned());
            case NAMED_ENDED -> new Signal.NamedEnded(in.readUnsigned(), readReason(in, ends));
            case LINK -> new Signal.Link(ends.readPid(in), ends.readPid(in));
            case UNLINK -> {
                Pid from = ends.readPid(in);
                Pid to = ends.readPid(in);
                yield new Signal.Unlink(in.readUnsigned(), from, to);
            }
            case UNLINK_ACK -> {
                Pid from = ends.readPid(in);
                Pid to = ends.readPid(in);
                yield new Signal.UnlinkAck(in.readUnsigned(), from, to);
            }
            case EXIT -> new Signal.Exit(ends.readPid(in), ends.readPid(in), readReason(in, ends));
            case WHEREIS -> new Signal.Whereis(in.readUnsigned(), in.readString());
            case PROCESS_INFO_OF -> new Signal.ProcessInfoOf(in.readUnsigned(), ends.readPid(in));
            default -> throw new FrameException("expected a signal from 1 to 20, got: " + code);
        };
    }

    private static ServerRef readTo(FrameReader in, Ends ends) throws FrameException {
        int kind = in.readByte();
        return switch (kind) {
            case TO_PID -> ends.readPid(in);
            case TO_NAME -> new Name(in.readString());
            case TO_REMOTE_NAME -> new RemoteName(in.readString(), in.readString());
            default -> throw new FrameException("expected 0, 1 or 2, got: " + kind);
        };
    }

    /// What a signal may have or not.
    private record Options(@Nullable Pid from, @Nullable Map<String, String> logContext) {}

    private static Options readOptions(FrameReader in, Ends ends) throws FrameException {
        int flags = in.readByte();
        if ((flags & ~(HAS_FROM | HAS_LOG_CONTEXT)) != 0) {
            throw new FrameException("expected flags from 0 to 3, got: " + flags);
        }
        Pid from = (flags & HAS_FROM) == 0 ? null : ends.readPid(in);
        return new Options(from, (flags & HAS_LOG_CONTEXT) == 0 ? null : readLogContext(in));
    }

    private static Map<String, String> readLogContext(FrameReader in) throws FrameException {
        int size = in.readLength();
        Map<String, String> context = new HashMap<>();
        for (int i = 0; i < size; i++) {
            context.put(in.readString(), in.readString());
        }
        return context;
    }

    private ExitReason readReason(FrameReader in, Ends ends) throws FrameException {
        Object reason = payloads.readPresent(in, ends);
        if (reason instanceof ExitReason exitReason) {
            return exitReason;
        }
        throw new FrameException("expected an exit reason, got: " + reason.getClass().getName());
    }

    private SystemRequest readRequest(FrameReader in, Ends ends) throws FrameException {
        int code = in.readByte();
        return switch (code) {
            case GET_STATE -> new SystemRequest.GetState();
            case GET_STATUS -> new SystemRequest.GetStatus();
            case SUSPEND -> new SystemRequest.Suspend();
            case RESUME -> new SystemRequest.Resume();
            case GET_LOG -> new SystemRequest.GetLog();
            case GET_STATISTICS -> new SystemRequest.GetStatistics();
            case REMOVE -> new SystemRequest.Remove(payloads.readPresent(in, ends));
            case NO_DEBUG -> new SystemRequest.NoDebug();
            case TRACE -> debug(new DebugOption.Trace(in.readBoolean()));
            case LOG -> debug(new DebugOption.Log(in.readInt()));
            case LOG_TO_FILE -> debug(new DebugOption.LogToFile(Path.of(in.readString())));
            case NO_LOG_TO_FILE -> debug(new DebugOption.LogToFile(null));
            case STATISTICS -> debug(new DebugOption.Statistics(in.readBoolean()));
            default -> throw new FrameException("expected a request from 0 to 12, got: " + code);
        };
    }

    private static SystemRequest debug(DebugOption option) {
        return new SystemRequest.Debug(option);
    }

    /// Returns what is sent in place of a signal that cannot be encoded. It can be encoded whatever
    /// the users' values are.
    ///
    /// @param refusal why the signal cannot be encoded
    /// @throws IllegalArgumentException the refusal, if the signal is no answer and has no reason
    static Signal substitute(Signal signal, IllegalArgumentException refusal) {
        return switch (signal) {
            case Signal.Reply(long id, var _) ->
                    new Signal.Failed(id, new ExitReason.Crash(refusal), false);
            case Signal.Failed(long id, ExitReason reason, boolean unhandled) ->
                    new Signal.Failed(id, inWords(reason, KEPT_CALLS), unhandled);
            case Signal.Ended(Pid process, ExitReason reason) ->
                    new Signal.Ended(process, inWords(reason, KEPT_CALLS));
            case Signal.NamedEnded(long id, ExitReason reason) ->
                    new Signal.NamedEnded(id, inWords(reason, KEPT_CALLS));
            case Signal.Exit(Pid from, Pid to, ExitReason reason) ->
                    new Signal.Exit(from, to, inWords(reason, KEPT_CALLS));
            case Signal.Stop(long id, ServerRef to, var from, ExitReason reason) ->
                    new Signal.Stop(id, to, from, inWords(reason, KEPT_CALLS));
            case Signal.Send _,
                    Signal.SendToAlias _,
                    Signal.Cast _,
                    Signal.Call _,
                    Signal.SystemCall _,
                    Signal.Whereis _,
                    Signal.ProcessInfoOf _,
                    Signal.Abandon _,
                    Signal.Watch _,
                    Signal.WatchName _,
                    Signal.UnwatchName _,
                    Signal.Link _,
                    Signal.Unlink _,
                    Signal.UnlinkAck _ ->
                    throw refusal;
        };
    }

    /// Keeps the kind of a reason, because supervisors act on it, and replaces its values by their
    /// texts.
    private static ExitReason inWords(ExitReason reason, int depth) {
        return switch (reason) {
            case ExitReason.Standard standard -> standard;
            case ExitReason.Shutdown(Object detail) -> new ExitReason.Shutdown(words(detail));
            case ExitReason.BadReturnValue(var value) ->
                    new ExitReason.BadReturnValue(words(value));
            case ExitReason.FailedCall(ExitReason inner, String request) when depth > 0 ->
                    new ExitReason.FailedCall(inWords(inner, depth - 1), words(request));
            case ExitReason.Term(Object term) -> new ExitReason.Term(words(term));
            case ExitReason.Crash(Throwable thrown) -> new ExitReason.Crash(thrown);
            case ExitReason.FailedCall _,
                    ExitReason.NodeDown _,
                    ExitReason.AlreadyStarted _,
                    ExitReason.CallCycle _ ->
                    new ExitReason.Term(words(reason));
        };
    }

    private static String words(@Nullable Object value) {
        try {
            return ValueCodecs.cut(String.valueOf(value), ValueCodecs.MAX_WORDS);
        } catch (RuntimeException | StackOverflowError e) { // a list may contain itself
            return "a value whose text threw " + e.getClass().getName();
        }
    }
}
