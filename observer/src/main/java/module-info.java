/// The observer: shows the processes of a running program in a browser.
module io.genserver.observer {
    requires transitive io.genserver.api;
    requires io.genserver.supervisor;
    requires jdk.httpserver;
    requires org.jspecify;
    requires org.slf4j;

    exports io.genserver.observer;
}
