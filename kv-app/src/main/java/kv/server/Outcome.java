package kv.server;

import kv.store.StoreException;

/// How a request to create or change something went.
enum Outcome {
    DONE("OK"),
    NOT_FOUND("NOT FOUND"),
    OUT_OF_MEMORY("OUT OF MEMORY"),
    DISK_FULL("DISK FULL"),
    STORE_FAILED("STORE FAILED");

    private final String reply;

    Outcome(String reply) {
        this.reply = reply;
    }

    static Outcome of(StoreException why) {
        return why.isDiskFull() ? DISK_FULL : STORE_FAILED;
    }

    /// Returns the line that tells the client.
    String reply() {
        return reply;
    }
}
