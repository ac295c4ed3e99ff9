/// Processes of several nodes as one system: remote calls, links, monitors and names.
module io.genserver.cluster {
    requires transitive io.genserver.api;
    requires transitive io.genserver.supervisor;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.dataformat.cbor;
    requires org.jspecify;
    requires org.slf4j;

    exports io.genserver.cluster;
    exports io.genserver.cluster.engine;
    exports io.genserver.cluster.memory;
}
