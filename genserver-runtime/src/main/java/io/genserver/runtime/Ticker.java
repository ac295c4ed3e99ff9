package io.genserver.runtime;

import java.util.ArrayList;
import java.util.List;

/// Looks about every millisecond at what the workers do, and gives the run queue of a worker whose
/// turn waits or computes to another worker. It is armed only while a queue is busy, so an idle
/// node spends no time on it. The timer thread, except for [#start].
final class Ticker {

    private static final long PERIOD = 1_000_000L; // units: ns

    /// After how many ticks in one turn a worker loses its queue although it does not wait.
    private static final int COMPUTES = 10;

    /// After how long a turn that computes is reported. Units: ticks
    private static final int LONG = 1_000;

    private final Workers workers;
    private final SharedTimer timer;
    private final List<Computing> computing = new ArrayList<>();

    /// A turn that has cost its worker the queue.
    private static final class Computing {
        private final Worker worker;
        private final Scheduled server;
        private final int turns;
        private int ticks = COMPUTES;

        Computing(Worker worker, Scheduled server, int turns) {
            this.worker = worker;
            this.server = server;
            this.turns = turns;
        }

        /// Returns whether there is nothing more to see.
        boolean look() {
            if (worker.turns() != turns || worker.isWaiting()) {
                return true;
            }
            if (++ticks < LONG) {
                return false;
            }
            server.reportLongTurn();
            return true;
        }
    }

    Ticker(Workers workers) {
        this.workers = workers;
        this.timer =
                new SharedTimer(workers.node.timers) {
                    @Override
                    void due() {
                        tick();
                    }
                };
    }

    /// Begins to tick unless it ticks. Any thread, after it has made a queue busy.
    void start() {
        timer.armUnlessArmed(PERIOD);
    }

    private void tick() {
        try {
            workers.node.healer.check();
            for (RunQueue queue : workers.queues) {
                look(queue);
            }
            computing.removeIf(Computing::look);
        } finally {
            if (!computing.isEmpty() || !workers.areAllIdle()) {
                start();
            }
        }
    }

    private void look(RunQueue queue) {
        Worker worker = queue.worker();
        if (worker == null) {
            queue.seen = null;
            return;
        }
        worker.endBatchSoon();
        Scheduled server = worker.current();
        int turns = worker.turns();
        int waits = worker.waits();
        boolean seen = queue.seen == worker;
        boolean sameTurn = seen && server != null && queue.seenTurns == turns;
        if (seen && !sameTurn && queue.seenWaits == waits) {
            worker.takeBreakSoon(); // it has been at work since the last tick
        }
        queue.seen = worker;
        queue.seenTurns = turns;
        queue.seenWaits = waits;
        queue.ticksInTurn = sameTurn ? queue.ticksInTurn + 1 : 0;
        if (server == null) {
            return;
        }
        if (worker.isWaiting()) {
            server.foundWaiting();
            workers.replace(queue, worker);
        } else if (queue.ticksInTurn >= COMPUTES) {
            workers.replace(queue, worker);
            computing.add(new Computing(worker, server, turns));
        } else if (sameTurn) {
            workers.spill(queue);
        }
    }
}
