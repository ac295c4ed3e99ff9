/// Supervisors, tasks, process registries and applications, written on the API alone.
module io.genserver.supervisor {
    requires transitive io.genserver.api;
    requires org.jspecify;
    requires org.slf4j;

    exports io.genserver.supervisor;
}
