package io.genserver.benchmarks.savina;

import io.genserver.StartOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;

/// A teller orders all transfers at once. The paying account waits until the other account has been
/// paid, and handles nothing else until then. The result is the balance of each account.
///
/// A server waits by a call. An actor cannot wait, so it stashes what arrives before the answer.
public final class BankTransaction implements Benchmark<List<Long>> {

    static final int ACCOUNTS = 1_000;
    static final int TRANSFERS = 50_000;
    static final long BALANCE = 1_000_000; // of each account at the start

    /// The paying account has the lower number, so accounts never wait for each other in a cycle.
    record Transfer(int source, int destination, long amount) {}

    /// Generates the same transfers in every run.
    static final class Transfers {
        private final SplittableRandom random = new SplittableRandom(123_456);

        Transfer next() {
            int source = random.nextInt(ACCOUNTS / 10 * 8);
            int destination = source + Math.max(1, random.nextInt(ACCOUNTS - source));
            return new Transfer(source, destination, random.nextInt(1_000));
        }
    }

    /// The final balance of an account.
    record Balance(int account, long amount) {}

    /// Collects the final balances.
    static final class Balances {
        private final Long[] amounts = new Long[ACCOUNTS];
        private int count;

        /// Returns whether this was the last balance.
        boolean add(Balance balance) {
            amounts[balance.account()] = balance.amount();
            return ++count == ACCOUNTS;
        }

        List<Long> amounts() {
            return List.of(amounts);
        }
    }

    @Override
    public List<Long> expected() {
        long[] amounts = new long[ACCOUNTS];
        Arrays.fill(amounts, BALANCE);
        Transfers transfers = new Transfers();
        for (int i = 0; i < TRANSFERS; i++) {
            Transfer transfer = transfers.next();
            amounts[transfer.source()] -= transfer.amount();
            amounts[transfer.destination()] += transfer.amount();
        }
        List<Long> all = new ArrayList<>();
        for (long amount : amounts) {
            all.add(amount);
        }
        return all;
    }

    @Override
    public List<Long> ours(StartOption... options) {
        return BankTransactionServers.run(options);
    }

    @Override
    public Behavior<?> pekko(Consumer<List<Long>> done) {
        return BankTransactionActors.starter(done);
    }
}
