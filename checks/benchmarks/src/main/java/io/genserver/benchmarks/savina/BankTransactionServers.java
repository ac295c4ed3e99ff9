package io.genserver.benchmarks.savina;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import java.util.ArrayList;
import java.util.List;

/// [BankTransaction] with servers.
final class BankTransactionServers {

    private enum ToTeller {
        START,
        PAID
    }

    private sealed interface ToAccount {}

    private record Pay(Pid teller, long amount, Pid recipient) implements ToAccount {}

    private record Stop() implements ToAccount {}

    private record Receive(long amount) implements Call<Ok> {}

    private BankTransactionServers() {}

    static List<Long> run(StartOption... options) {
        Pid teller =
                GenServer.startLink(() -> new Teller(options), Processes.self(), options).pid();
        GenServer.cast(teller, ToTeller.START);
        BankTransaction.Balances balances = new BankTransaction.Balances();
        while (!balances.add(Processes.receive(BankTransaction.Balance.class))) {}
        return balances.amounts();
    }

    private static final class Teller implements GenServer<Pid, Teller.Desk, Object, ToTeller> {

        static final class Desk {
            private final List<Pid> accounts = new ArrayList<>();
            private int left = BankTransaction.TRANSFERS;
        }

        private final StartOption[] options;

        Teller(StartOption... options) {
            this.options = options;
        }

        @Override
        public Init<Desk> init(Pid starter) {
            Desk desk = new Desk();
            for (int id = 0; id < BankTransaction.ACCOUNTS; id++) {
                Holder holder = new Holder(id, starter);
                desk.accounts.add(GenServer.startLink(Account::new, holder, options).pid());
            }
            return Init.ok(desk);
        }

        @Override
        public CastResult<Desk> handleCast(ToTeller message, Desk desk) {
            switch (message) {
                case START -> order(desk);
                case PAID -> {
                    if (--desk.left == 0) {
                        GenServer.abcast(desk.accounts, new Stop());
                        return CastResult.stop(ExitReason.NORMAL, desk);
                    }
                }
            }
            return CastResult.noreply(desk);
        }

        private static void order(Desk desk) {
            Pid self = Processes.self();
            BankTransaction.Transfers transfers = new BankTransaction.Transfers();
            for (int i = 0; i < BankTransaction.TRANSFERS; i++) {
                BankTransaction.Transfer next = transfers.next();
                Pid source = desk.accounts.get(next.source());
                Pid destination = desk.accounts.get(next.destination());
                GenServer.cast(source, new Pay(self, next.amount(), destination));
            }
        }
    }

    private record Holder(int id, Pid starter) {}

    private static final class Account
            implements GenServer<Holder, Account.Money, Receive, ToAccount> {

        static final class Money {
            private final Holder holder;
            private long amount = BankTransaction.BALANCE;

            Money(Holder holder) {
                this.holder = holder;
            }
        }

        @Override
        public Init<Money> init(Holder holder) {
            return Init.ok(new Money(holder));
        }

        @Override
        public CallResult<Money> handleCall(Receive request, From from, Money money) {
            money.amount += request.amount();
            return CallResult.reply(request, Ok.OK, money);
        }

        @Override
        public CastResult<Money> handleCast(ToAccount message, Money money) {
            return switch (message) {
                case Pay(Pid teller, long amount, Pid recipient) -> {
                    money.amount -= amount;
                    // All transfers are ordered at once, so the last of a queue may take long.
                    GenServer.call(recipient, new Receive(amount), GenServer.INFINITY);
                    GenServer.cast(teller, ToTeller.PAID);
                    yield CastResult.noreply(money);
                }
                case Stop() -> {
                    Holder holder = money.holder;
                    Processes.send(
                            holder.starter(),
                            new BankTransaction.Balance(holder.id(), money.amount));
                    yield CastResult.stop(ExitReason.NORMAL, money);
                }
            };
        }
    }
}
