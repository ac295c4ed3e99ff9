/// Runs processes in virtual time, under many schedules, each of which can be repeated.
module io.genserver.simulation {
    requires transitive io.genserver.api;
    requires java.management;
    requires org.jspecify;

    exports io.genserver.simulation;
}
