/// Metrics of processes for Micrometer.
module io.genserver.micrometer {
    requires transitive io.genserver.api;
    requires transitive micrometer.core;
    requires org.jspecify;

    exports io.genserver.micrometer;
}
