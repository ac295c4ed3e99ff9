package kv.server;

/// How a request to create or change something went.
enum Outcome {
    DONE("OK"),
    OUT_OF_MEMORY("OUT OF MEMORY"),
    DISK_FULL("DISK FULL"),
    STORE_FAILED("STORE FAILED");

    private final String reply;

    Outcome(String reply) {
        this.reply = reply;
    }

    /// Returns the line that tells the client.
    String reply() {
        return reply;
    }
}
