package kv.server;

/// Thrown if a bucket cannot be used at the moment. The connection tells its client and goes on.
final class Unavailable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reply;

    /// @param reply the line that tells the client
    Unavailable(String reply, Throwable cause) {
        super(cause.getMessage(), cause);
        this.reply = reply;
    }

    String reply() {
        return reply;
    }
}
