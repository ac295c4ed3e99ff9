package shop;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static io.genserver.CastResult.stop;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import shop.PaymentGateway.Payment;

/// Takes one order from placed to shipped or cancelled. Each step is saved before the next one
/// begins, and every step is safe to repeat. So a process that crashes is restarted where it was.
///
/// The record holds what never changes. So all starts can use the same one, and the state is in
/// [State].
record OrderProcess(Order placed, Services services)
        implements CallServer<OrderProcess.State, OrderProcess.Outcome> {

    static final Server<TaskSupervisor> PAYMENTS =
            Server.named("Shop.Payments", TaskSupervisor.class);

    private static final RetryOptions RETRY =
            RetryOptions.of(BackOff.of(Duration.ofMillis(50), Duration.ofSeconds(1)), 5)
                    .withAttemptTimeout(Duration.ofMillis(500));

    /// A finished order answers questions for a while, then its process ends.
    private static final Action LINGER = Action.timeout(Duration.ofSeconds(30));

    /// What all orders need.
    record Services(OrderRepository orders, PaymentGateway gateway, Duration paymentTimeout) {}

    /// Asks how the order ends. The reply comes when it has ended.
    record Outcome() implements Call<Status> {}

    record State(Order order, List<ReplyTo<Status>> waiting, Optional<Paying> paying) {}

    record Paying(Task<Payment> task, Ref timer) {}

    private enum Internal {
        NEXT_STEP,
        PAYMENT_TIMEOUT
    }

    Start<OrderProcess> startLink() {
        return CallServer.startLink(() -> this, StartOption.name(Orders.server(placed.id())));
    }

    ChildSpec<OrderProcess> childSpec() {
        return ChildSpec.worker(OrderProcess.class, this::startLink)
                .withRestart(Restart.TRANSIENT)
                .withBackOff(BackOff.of(Duration.ofMillis(20), Duration.ofSeconds(10)));
    }

    @Override
    public Init<State> init() {
        Optional<Order> known = services.orders().find(placed.id());
        if (known.isEmpty()) {
            save(placed);
        }
        return Init.ok(
                new State(known.orElse(placed), new ArrayList<>(), Optional.empty()),
                Action.continueWith(Internal.NEXT_STEP));
    }

    @Override
    public CallResult<State> handleCall(Outcome request, From from, State state) {
        if (state.order().status().isFinal()) {
            return reply(request, state.order().status(), state, LINGER);
        }
        state.waiting().add(from.replyTo(request));
        return noreply(state);
    }

    @Override
    public CastResult<State> handleContinue(Object nextStep, State state) {
        return switch (state.order().status()) {
            case Status.Placed _ ->
                    Inventory.reserve(state.order())
                            ? noreply(paying(state))
                            : become(new Status.Cancelled("out of stock"), state);
            case Status.Paid _ ->
                    Inventory.take(state.order())
                            ? become(new Status.Shipped(), state)
                            : become(new Status.Cancelled("sold out"), state);
            case Status.Shipped _ -> answer(state);
            case Status.Cancelled _ -> {
                Inventory.release(state.order());
                yield answer(state);
            }
        };
    }

    private static CastResult<State> answer(State state) {
        state.waiting().forEach(each -> GenServer.reply(each, state.order().status()));
        state.waiting().clear();
        return noreply(state, LINGER);
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) throws Exception {
        Optional<TaskResult<Payment>> payment =
                state.paying().flatMap(paying -> paying.task().resultIn(message));
        if (payment.isPresent()) {
            return paid(payment.get(), state);
        }
        return switch (message) {
            case Internal.PAYMENT_TIMEOUT ->
                    state.paying().isPresent()
                            ? paid(giveUp(state), state)
                            : noreply(state, LINGER); // it came with the answer
            case StateTimeout _ -> stop(ExitReason.NORMAL, state);
            default -> CallServer.super.handleInfo(message, state);
        };
    }

    /// Starts a task that pays. Its answer arrives in [#handleInfo], so this process can answer
    /// others while it waits.
    private State paying(State state) {
        Task<Payment> task =
                TaskSupervisor.retry(PAYMENTS, () -> services.gateway().pay(state.order()), RETRY);
        Ref timer =
                Processes.sendAfter(
                        Processes.self(), Internal.PAYMENT_TIMEOUT, services.paymentTimeout());
        return new State(state.order(), state.waiting(), Optional.of(new Paying(task, timer)));
    }

    /// Ends the payment. It may have succeeded at the last moment.
    private static TaskResult<Payment> giveUp(State state) {
        return state.paying()
                .flatMap(paying -> paying.task().shutdown(Shutdown.brutalKill()))
                .orElse(new TaskResult.Exit<>(ExitReason.TIMEOUT));
    }

    private CastResult<State> paid(TaskResult<Payment> result, State state) {
        state.paying().ifPresent(paying -> Processes.cancelTimer(paying.timer()));
        return switch (result) {
            case TaskResult.Ok<Payment>(Payment.Accepted(String receipt)) ->
                    become(new Status.Paid(receipt), state);
            case TaskResult.Ok<Payment>(Payment.Declined(String reason)) ->
                    become(new Status.Cancelled("card declined: " + reason), state);
            case TaskResult.Exit<Payment>(ExitReason reason) ->
                    become(new Status.Cancelled("payment failed: " + reason), state);
        };
    }

    private CastResult<State> become(Status status, State state) {
        Order order = state.order().with(status);
        save(order);
        return noreply(
                new State(order, state.waiting(), Optional.empty()),
                Action.continueWith(Internal.NEXT_STEP));
    }

    private void save(Order order) {
        services.orders().save(order);
        Events.publish(order);
    }
}
