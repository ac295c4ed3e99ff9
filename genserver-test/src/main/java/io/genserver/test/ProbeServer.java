package io.genserver.test;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The process of a [Probe]. Its state is kept in fields, because it is changed in place.
final class ProbeServer implements GenServer<String, String, Object, Object> {

    /// Asks for the first message that fits and has not been taken, now or as soon as it comes.
    static final class Take implements Call<Object> {
        private final Predicate<Object> test;

        Take(Predicate<Object> test) {
            this.test = test;
        }
    }

    /// Says that nobody waits for a message.
    record Forget(Take take) {}

    /// Asks for all messages.
    record Received() implements Call<List<Object>> {}

    /// Asks for the name of the server for which the probe stands in.
    record About() implements Call<String> {}

    private record Waiting(Take take, From from) {}

    private final Class<?> type;
    private final List<Probe.Answer> answers;
    private final List<Object> received = new ArrayList<>();
    private final List<Object> untaken = new ArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();

    ProbeServer(Class<?> type, List<Probe.Answer> answers) {
        this.type = type;
        this.answers = answers;
    }

    @Override
    public Init<String> init(String none) {
        return Init.ok(none);
    }

    @Override
    public CallResult<String> handleCall(Object request, From from, String state) {
        return switch (request) {
            case Take take -> take(take, from, state);
            case Received all -> CallResult.reply(all, List.copyOf(received), state);
            case About about -> CallResult.reply(about, type.getName(), state);
            default -> {
                receive(request);
                yield CallResult.replyUntyped(answer(request), state);
            }
        };
    }

    private @Nullable Object answer(Object request) {
        List<Probe.Answer> fitting =
                answers.stream().filter(known -> known.type().isInstance(request)).toList();
        Optional<Probe.Answer> answer =
                fitting.stream()
                        .filter(known -> fitting.stream().noneMatch(known::isAbove))
                        .reduce((_, later) -> later);
        if (answer.isEmpty()) {
            throw new IllegalStateException(
                    "expected the probe of "
                            + type.getName()
                            + " to have an answer to "
                            + request
                            + ", got: none; call answer("
                            + request.getClass().getSimpleName()
                            + ".class, ...)");
        }
        return answer.get().reply().apply(request);
    }

    private CallResult<String> take(Take take, From from, String state) {
        for (Object message : untaken) {
            if (take.test.test(message)) {
                untaken.remove(message);
                return CallResult.replyUntyped(message, state);
            }
        }
        waiting.add(new Waiting(take, from));
        return CastResult.noreply(state);
    }

    @Override
    public CastResult<String> handleCast(Object request, String state) {
        if (request instanceof Forget(Take take)) {
            waiting.removeIf(known -> known.take() == take);
        } else {
            receive(request);
        }
        return CastResult.noreply(state);
    }

    @Override
    public CastResult<String> handleInfo(Object message, String state) {
        receive(message);
        return CastResult.noreply(state);
    }

    private void receive(Object message) {
        received.add(message);
        for (Waiting first : waiting) {
            if (first.take().test.test(message)) {
                waiting.remove(first);
                GenServer.replyUntyped(first.from(), message);
                return;
            }
        }
        untaken.add(message);
    }
}
