package orders;

import static io.genserver.CallResult.reply;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CallServer;
import io.genserver.From;
import io.genserver.Init;
import io.genserver.supervisor.BackOff;
import io.genserver.supervisor.Task;
import java.time.Duration;
import java.util.Optional;

/// One order. It handles one request at a time, so an order is paid once, however often the
/// customer presses the button.
record OrderProcess(String id, PaymentGateway gateway)
        implements CallServer<Optional<Receipt>, OrderProcess.Request> {

    private static final BackOff RETRY = BackOff.of(Duration.ofMillis(50), Duration.ofSeconds(1));

    sealed interface Request {}

    record Pay(long cents) implements Request, Call<Receipt> {}

    record Payment() implements Request, Call<Optional<Receipt>> {}

    @Override
    public Init<Optional<Receipt>> init() {
        return Init.ok(Optional.empty());
    }

    @Override
    public CallResult<Optional<Receipt>> handleCall(
            Request request, From from, Optional<Receipt> paid) {
        return switch (request) {
            case Payment payment -> reply(payment, paid, paid);
            case Pay pay -> {
                Receipt receipt = paid.orElseGet(() -> charge(pay));
                yield reply(pay, receipt, Optional.of(receipt));
            }
        };
    }

    /// Tries four times. If all fail, this process crashes, and the next request starts another
    /// one.
    private Receipt charge(Pay pay) {
        return Task.retry(() -> gateway.charge(id, pay.cents()), RETRY, 4)
                .await(Duration.ofSeconds(10));
    }
}
