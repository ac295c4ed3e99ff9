package kv.console;

import java.util.List;

/// A command of the console or of a script: one line, its words separated by white space.
sealed interface Command {

    /// The regular expression that separates words.
    String BLANKS = "\\s+";

    record Create(String bucket) implements Command {}

    record Lookup(String bucket) implements Command {}

    record Put(String bucket, String key, String value) implements Command {}

    record Get(String bucket, String key) implements Command {}

    record Delete(String bucket, String key) implements Command {}

    record ListBuckets() implements Command {}

    record Stop(String bucket) implements Command {}

    record Crash(String bucket) implements Command {}

    record Send(String name, String message) implements Command {}

    record MonitorBucket(String bucket) implements Command {}

    record Flush() implements Command {}

    record Tree() implements Command {}

    record Help() implements Command {}

    record Exit() implements Command {}

    /// All commands, in the order in which the help shows them.
    List<Usage> ALL =
            List.of(
                    new Usage("create", "create BUCKET", "create a bucket, unless it exists"),
                    new Usage("lookup", "lookup BUCKET", "show the pid of a bucket, or error"),
                    new Usage("put", "put BUCKET KEY VALUE", "store a value under a key"),
                    new Usage("get", "get BUCKET KEY", "show the value of a key, or nil"),
                    new Usage(
                            "delete",
                            "delete BUCKET KEY",
                            "delete a key and show its value, or nil"),
                    new Usage("list", "list", "show the live buckets created in this session"),
                    new Usage("stop", "stop BUCKET", "stop a bucket with reason normal"),
                    new Usage("crash", "crash BUCKET", "make a bucket throw an exception"),
                    new Usage(
                            "send",
                            "send NAME MESSAGE",
                            "send text to a process, such as KV.Registry"),
                    new Usage(
                            "monitor", "monitor BUCKET", "get a Down message when the bucket ends"),
                    new Usage("flush", "flush", "show and remove the messages received"),
                    new Usage("tree", "tree", "show the supervision tree"),
                    new Usage("help", "help", "show this help"),
                    new Usage("exit", "exit", "stop the tree and exit"));

    /// Parses a line.
    ///
    /// @throws BadCommand if the line is not a command; its message has the expected form and the
    ///   line
    static Command parse(String line) throws BadCommand {
        String[] words = line.strip().split(BLANKS, 4);
        return switch (words[0]) {
            case "create" -> new Create(one(line, words));
            case "lookup" -> new Lookup(one(line, words));
            case "put" -> put(line, words);
            case "get" -> {
                expect(3, line, words);
                yield new Get(words[1], words[2]);
            }
            case "delete" -> {
                expect(3, line, words);
                yield new Delete(words[1], words[2]);
            }
            case "list" -> none(line, words, new ListBuckets());
            case "stop" -> new Stop(one(line, words));
            case "crash" -> new Crash(one(line, words));
            case "send" -> send(line, words);
            case "monitor" -> new MonitorBucket(one(line, words));
            case "flush" -> none(line, words, new Flush());
            case "tree" -> none(line, words, new Tree());
            case "help" -> none(line, words, new Help());
            case "exit" -> none(line, words, new Exit());
            default -> throw Usage.unknown(ALL, words[0]);
        };
    }

    private static Command put(String line, String[] words) throws BadCommand {
        expect(4, line, words);
        if (words[3].split(BLANKS, 2).length > 1) {
            throw wrong(line, words);
        }
        return new Put(words[1], words[2], words[3]);
    }

    private static Command send(String line, String[] words) throws BadCommand {
        String[] parts = line.strip().split(BLANKS, 3);
        if (parts.length < 3) {
            throw wrong(line, words);
        }
        return new Send(parts[1], parts[2]);
    }

    private static String one(String line, String[] words) throws BadCommand {
        expect(2, line, words);
        return words[1];
    }

    private static Command none(String line, String[] words, Command command) throws BadCommand {
        expect(1, line, words);
        return command;
    }

    private static void expect(int count, String line, String[] words) throws BadCommand {
        if (words.length != count) {
            throw wrong(line, words);
        }
    }

    private static BadCommand wrong(String line, String[] words) {
        return ALL.stream()
                .filter(known -> known.word().equals(words[0]))
                .findFirst()
                .map(known -> known.wrong(line))
                .orElseThrow();
    }
}
