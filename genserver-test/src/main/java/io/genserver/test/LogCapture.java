package io.genserver.test;

import io.genserver.Node;
import org.slf4j.LoggerFactory;

/// Reads the lines that the log library writes. The classes of logback are loaded only if slf4j
/// logs with it.
interface LogCapture {

    /// No lines are read, because the library is not known.
    LogCapture NONE = () -> {};

    /// How the lines of this JVM are read.
    LogCapture FOUND = find();

    /// Begins to read lines, or continues if the library's configuration has been reset. Called
    /// before each test.
    void install();

    private static LogCapture find() {
        Object factory = LoggerFactory.getILoggerFactory();
        return factory.getClass().getName().equals("ch.qos.logback.classic.LoggerContext")
                ? new LogbackCapture(factory)
                : NONE;
    }

    /// Adds a line to the records of the node that the current thread acts on.
    static void add(String line) {
        Records records = Records.of(Node.current());
        if (records != null) {
            records.log(line);
        }
    }

    /// Returns whether the line that the current thread logs is kept back.
    static boolean isKeptBack() {
        Records records = Records.of(Node.current());
        return records != null && records.isKeptBack();
    }
}
