package shop;

import static io.genserver.CastResult.noreply;

import io.genserver.*;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import shop.PaymentGateway.Payment;
import shop.PaymentGateway.Unavailable;

/// Plays what is outside of the shop in the demo: a payment gateway that fails at random, and a
/// slow mail server. Its answers come late because it sends them by timers. What fails depends only
/// on the seed, the order and the attempt.
record World(int seed) implements CallServer<Map<String, Integer>, World.Request> {

    private static final Logger log = LoggerFactory.getLogger(World.class);
    private static final Server<World> SERVER = Server.named("World", World.class);

    sealed interface Request {}

    record Pay(Order order) implements Request, Call<Optional<Payment>> {}

    record Mail(String to, String text) implements Request, Call<Ok> {}

    private record Answer<R>(ReplyTo<R> caller, R value) {
        void give() {
            GenServer.reply(caller, value);
        }
    }

    /// Starts the world without a link, because it ends after the shop.
    static void start(int seed) {
        CallServer.start(() -> new World(seed), StartOption.name(SERVER)).pid();
    }

    static Payment pay(Order order) throws Unavailable {
        return GenServer.call(SERVER, new Pay(order))
                .orElseThrow(() -> new Unavailable("503 Service Unavailable"));
    }

    static void mail(String to, String text) {
        GenServer.call(SERVER, new Mail(to, text));
    }

    @Override
    public Init<Map<String, Integer>> init() {
        return Init.ok(new HashMap<>());
    }

    @Override
    public CallResult<Map<String, Integer>> handleCall(
            Request request, From from, Map<String, Integer> attempts) {
        switch (request) {
            case Pay pay -> {
                int attempt = attempts.merge(pay.order().id(), 1, Integer::sum);
                pay(pay.order(), attempt, from.replyTo(pay));
            }
            case Mail mail -> {
                log.info("mail to {}: {}", mail.to(), mail.text());
                answer(new Answer<>(from.replyTo(mail), Ok.OK), 50);
            }
        }
        return noreply(attempts);
    }

    private void pay(Order order, int attempt, ReplyTo<Optional<Payment>> caller) {
        SplittableRandom random = new SplittableRandom(Objects.hash(seed, order.id(), attempt));
        int luck = random.nextInt(10);
        Optional<Payment> answer =
                switch (luck) {
                    case 0, 1, 2 -> Optional.empty();
                    case 3 -> Optional.of(new Payment.Declined("no money left"));
                    default -> Optional.of(new Payment.Accepted("receipt-" + order.id()));
                };
        if (luck < 9) { // otherwise the answer is lost
            answer(new Answer<>(caller, answer), random.nextInt(50, 300));
        }
    }

    private static void answer(Answer<?> answer, int millis) {
        Processes.sendAfter(Processes.self(), answer, Duration.ofMillis(millis));
    }

    @Override
    public CastResult<Map<String, Integer>> handleInfo(
            Object message, Map<String, Integer> attempts) throws Exception {
        if (!(message instanceof Answer<?> answer)) {
            return CallServer.super.handleInfo(message, attempts);
        }
        answer.give();
        return noreply(attempts);
    }
}
