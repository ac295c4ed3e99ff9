package io.genserver.benchmarks.savina;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// [BankTransaction] with actors.
final class BankTransactionActors {

    private enum ToTeller {
        START,
        PAID
    }

    private sealed interface ToAccount {}

    private sealed interface Request extends ToAccount {}

    private record Pay(ActorRef<ToTeller> teller, long amount, ActorRef<ToAccount> recipient)
            implements Request {}

    private record Receive(ActorRef<ToAccount> from, long amount) implements Request {}

    private record Received() implements ToAccount {}

    private record Stop() implements ToAccount {}

    private BankTransactionActors() {}

    static Behavior<BankTransaction.Balance> starter(Consumer<List<Long>> done) {
        return Behaviors.setup(context -> {
            ActorRef<BankTransaction.Balance> starter = context.getSelf();
            ActorRef<ToTeller> teller =
                    context.spawnAnonymous(
                            Behaviors.setup(self ->
                                    Behaviors.receiveMessage(new Teller(self, starter)::handle)));
            teller.tell(ToTeller.START);
            BankTransaction.Balances balances = new BankTransaction.Balances();
            return Behaviors.receiveMessage(balance -> {
                if (!balances.add(balance)) {
                    return Behaviors.same();
                }
                done.accept(balances.amounts());
                return Behaviors.stopped();
            });
        });
    }

    private static final class Teller {
        private final ActorRef<ToTeller> self;
        private final List<ActorRef<ToAccount>> accounts = new ArrayList<>();
        private int left = BankTransaction.TRANSFERS;

        Teller(ActorContext<ToTeller> context, ActorRef<BankTransaction.Balance> starter) {
            self = context.getSelf();
            for (int i = 0; i < BankTransaction.ACCOUNTS; i++) {
                int id = i;
                accounts.add(
                        context.spawnAnonymous(
                                Behaviors.setup(account ->
                                        Behaviors.receiveMessage(
                                                new Account(account.getSelf(), id, starter)
                                                        ::handle))));
            }
        }

        Behavior<ToTeller> handle(ToTeller message) {
            switch (message) {
                case START -> order();
                case PAID -> {
                    if (--left == 0) {
                        Stop stop = new Stop();
                        accounts.forEach(account -> account.tell(stop));
                    }
                }
            }
            // Stopping would stop the accounts, its children, before they report.
            return Behaviors.same();
        }

        private void order() {
            BankTransaction.Transfers transfers = new BankTransaction.Transfers();
            for (int i = 0; i < BankTransaction.TRANSFERS; i++) {
                BankTransaction.Transfer next = transfers.next();
                ActorRef<ToAccount> destination = accounts.get(next.destination());
                accounts.get(next.source()).tell(new Pay(self, next.amount(), destination));
            }
        }
    }

    /// The stash is a plain queue, from which it takes only what it can handle at once. Unstashing
    /// all, as is usual, would stash nearly all of them again.
    private static final class Account {
        private final ActorRef<ToAccount> self;
        private final int id;
        private final ActorRef<BankTransaction.Balance> starter;
        private final Deque<Request> stash = new ArrayDeque<>();
        private long amount = BankTransaction.BALANCE;
        private @Nullable ActorRef<ToTeller> waiting; // teller of the current transfer

        Account(ActorRef<ToAccount> self, int id, ActorRef<BankTransaction.Balance> starter) {
            this.self = self;
            this.id = id;
            this.starter = starter;
        }

        Behavior<ToAccount> handle(ToAccount message) {
            switch (message) {
                case Request request -> {
                    if (waiting == null) {
                        take(request);
                    } else {
                        stash.add(request);
                    }
                }
                case Received() -> finish();
                case Stop() -> {
                    starter.tell(new BankTransaction.Balance(id, amount));
                    return Behaviors.stopped();
                }
            }
            return Behaviors.same();
        }

        private void take(Request request) {
            switch (request) {
                case Pay(ActorRef<ToTeller> teller, long paid, ActorRef<ToAccount> recipient) -> {
                    amount -= paid;
                    recipient.tell(new Receive(self, paid));
                    waiting = teller;
                }
                case Receive(ActorRef<ToAccount> from, long paid) -> {
                    amount += paid;
                    from.tell(new Received());
                }
            }
        }

        private void finish() {
            if (waiting != null) {
                waiting.tell(ToTeller.PAID);
                waiting = null;
            }
            while (waiting == null && !stash.isEmpty()) {
                take(stash.remove());
            }
        }
    }
}
