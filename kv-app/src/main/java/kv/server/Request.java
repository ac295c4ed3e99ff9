package kv.server;

/// A request of a client: one line, its words separated by white space. Words are case-sensitive.
public sealed interface Request {

    /// Creates a bucket, unless it exists.
    ///
    /// @param bucket the bucket's name
    record Create(String bucket) implements Request {}

    /// Stores a value under a key.
    ///
    /// @param bucket the bucket's name
    /// @param key the key
    /// @param value the value
    record Put(String bucket, String key, String value) implements Request {
        @Override
        public String toString() { // values do not belong into logs
            return "Put[bucket=%s, key=%s, value of %d bytes]"
                    .formatted(bucket, key, value.length());
        }
    }

    /// Asks for the value of a key.
    ///
    /// @param bucket the bucket's name
    /// @param key the key
    record Get(String bucket, String key) implements Request {}

    /// Deletes a key.
    ///
    /// @param bucket the bucket's name
    /// @param key the key
    record Delete(String bucket, String key) implements Request {}

    /// Asks for all changes of a bucket from now on.
    ///
    /// @param bucket the bucket's name
    record Subscribe(String bucket) implements Request {}

    /// Shows that the client knows the server's token.
    ///
    /// @param token what the client sent
    record Auth(String token) implements Request {
        @Override
        public String toString() {
            return "Auth[token of " + token.length() + " bytes]";
        }
    }

    /// A question about the server itself.
    enum Operator implements Request {
        /// The supervision tree.
        TREE,
        /// The version, the process and the limits.
        INFO,
        /// The counters.
        STATS,
        /// The names of the buckets.
        BUCKETS
    }

    /// A line that only HTTP clients send.
    record Http() implements Request {}

    /// A line that is none of these.
    record Unknown() implements Request {}

    /// Parses a line.
    ///
    /// @param line the line, with or without its end
    /// @return the request; [Unknown] if the first word is not a command or has another number of
    ///   words
    static Request parse(String line) {
        byte[] bytes = Words.bytes(line);
        return parse(bytes, 0, bytes.length);
    }

    /// Parses a line that is a part of an array.
    static Request parse(byte[] bytes, int from, int to) {
        Words words = Words.of(bytes, from, to);
        return switch (words.get(0)) {
            case "CREATE" -> words.are(2) ? new Create(words.get(1)) : new Unknown();
            case "PUT" ->
                    words.are(4)
                            ? new Put(words.get(1), words.get(2), words.get(3))
                            : new Unknown();
            case "GET" -> words.are(3) ? new Get(words.get(1), words.get(2)) : new Unknown();
            case "DELETE" -> words.are(3) ? new Delete(words.get(1), words.get(2)) : new Unknown();
            case "SUBSCRIBE" -> words.are(2) ? new Subscribe(words.get(1)) : new Unknown();
            case "AUTH" -> words.are(2) ? new Auth(words.get(1)) : new Unknown();
            case "TREE" -> words.are(1) ? Operator.TREE : new Unknown();
            case "INFO" -> words.are(1) ? Operator.INFO : new Unknown();
            case "STATS" -> words.are(1) ? Operator.STATS : new Unknown();
            case "BUCKETS" -> words.are(1) ? Operator.BUCKETS : new Unknown();
            case "POST", "Host:", "host:" -> new Http();
            default -> new Unknown();
        };
    }
}
