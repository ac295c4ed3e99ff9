/// A JUnit extension that gives each test a process and a supervisor, and assertions on messages.
module io.genserver.test {
    requires transitive io.genserver.simulation;
    requires transitive io.genserver.supervisor;
    requires org.jspecify;
    requires transitive org.junit.jupiter.api;
    requires static ch.qos.logback.classic;
    requires static ch.qos.logback.core;

    exports io.genserver.test;

    provides io.genserver.spi.RuntimeListener with
            io.genserver.test.TestListener;
}
