/// A JUnit extension that gives each test a process and a supervisor, and assertions on messages.
module io.genserver.test {
    requires transitive io.genserver.simulation;
    requires transitive io.genserver.supervisor;
    requires transitive org.junit.jupiter.api;
    requires org.jspecify;

    exports io.genserver.test;
}
