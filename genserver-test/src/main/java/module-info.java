/// A JUnit extension that starts processes supervised by the test, and assertions on messages.
module io.genserver.test {
    requires transitive io.genserver.supervisor;
    requires transitive org.junit.jupiter.api;
    requires org.jspecify;

    exports io.genserver.test;
}
