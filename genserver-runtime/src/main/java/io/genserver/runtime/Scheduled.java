package io.genserver.runtime;

import io.genserver.Pid;

/// A server as the [Workers] see it.
interface Scheduled {

    /// Runs some turns and then releases the server, or has it run again later. Does nothing if
    /// another thread has claimed the server. A worker.
    ///
    /// @return how many messages it has handled
    int runOnWorker(Context context, Worker worker);

    Pid pid();

    /// Returns whether its turns probably wait, so that it should not hold up other servers. Any
    /// thread.
    boolean waits();

    /// Records that a turn was seen to wait. The ticker.
    void foundWaiting();

    /// Records how long its turns have taken on a worker without a queue. Units: ns
    void ranAlone(long took);

    /// Reports a turn that has been computing for a second or more, once. The ticker.
    void reportLongTurn();
}
