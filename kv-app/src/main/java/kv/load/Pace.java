package kv.load;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides when requests are sent. All times are in ns.
sealed interface Pace {

    /// Returns whether no more requests are to be sent.
    boolean isOver(long now);

    /// Adds what a connection may send, because it is new or has got answers.
    void answered(Connection connection, long now);

    /// Sends what is due and returns the time until more is due.
    long tick(long now);

    /// Writes each key once, so that a GET always finds a value.
    final class Preload implements Pace {
        private final int keys;
        private final int depth;
        private int next;

        Preload(int keys, int depth) {
            this.keys = keys;
            this.depth = depth;
        }

        @Override
        public boolean isOver(long now) {
            return next == keys;
        }

        @Override
        public void answered(Connection connection, long now) {
            while (connection.waiting() < depth && next < keys) {
                connection.add(Operation.PUT, next++, now);
            }
        }

        @Override
        public long tick(long now) {
            return Long.MAX_VALUE;
        }
    }

    /// Sends the next request of a connection when it has an answer: the slower the server, the
    /// fewer the requests.
    final class Closed implements Pace {
        private final Requests requests;
        private final int depth;
        private final long end;

        Closed(Requests requests, int depth, long end) {
            this.requests = requests;
            this.depth = depth;
            this.end = end;
        }

        @Override
        public boolean isOver(long now) {
            return now >= end;
        }

        @Override
        public void answered(Connection connection, long now) {
            while (connection.waiting() < depth) {
                requests.addTo(connection, now);
            }
        }

        @Override
        public long tick(long now) {
            return end - now;
        }
    }

    /// Sends requests at a fixed rate, whatever the server does. A request for which no connection
    /// is free is sent late, and keeps the time at which it was due.
    final class Fixed implements Pace {
        private final Requests requests;
        private final List<Connection> connections;
        private final int depth;
        private final long begin;
        private final long end;
        private final double interval;
        private long sent;
        private int turn; // the connection of the next request

        Fixed(
                Requests requests,
                List<Connection> connections,
                int depth,
                int rate,
                long begin,
                long end) {
            this.requests = requests;
            this.connections = connections;
            this.depth = depth;
            this.begin = begin;
            this.end = end;
            this.interval = 1e9 / rate;
        }

        @Override
        public boolean isOver(long now) {
            return now >= end;
        }

        @Override
        public void answered(Connection connection, long now) {
            // the next tick uses what has become free
        }

        @Override
        public long tick(long now) {
            long due = due();
            while (due <= now && due < end) {
                Connection free = free();
                if (free == null) {
                    return end - now;
                }
                requests.addTo(free, due);
                free.flush();
                sent++;
                due = due();
            }
            return Math.min(due, end) - now;
        }

        private long due() {
            return begin + (long) (sent * interval);
        }

        private @Nullable Connection free() {
            for (int i = 0; i < connections.size(); i++) {
                Connection next = connections.get(turn);
                turn = (turn + 1) % connections.size();
                if (next.isOpen() && next.waiting() < depth) {
                    return next;
                }
            }
            return null;
        }

        /// Counts the requests that were due before the given time and not sent.
        void countUnsent(Tally tally, long time) {
            for (long due = due(); due < time; due = due()) {
                tally.unsent(due, time);
                sent++;
            }
        }
    }
}
