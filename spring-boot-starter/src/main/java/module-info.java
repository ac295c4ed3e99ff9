/// Runs a supervision tree in a Spring Boot application.
module io.genserver.spring {
    requires transitive io.genserver.supervisor;
    requires org.jspecify;
    requires org.slf4j;
    requires spring.beans;
    requires spring.boot;
    requires spring.boot.autoconfigure;
    requires transitive spring.context;
    requires spring.core;
    requires static com.fasterxml.jackson.annotation; // of health
    requires static io.genserver.micrometer;
    requires static jakarta.servlet;
    requires static micrometer.core;
    requires static spring.boot.actuator;
    requires static spring.boot.actuator.autoconfigure;
    requires static spring.boot.health;

    exports io.genserver.spring;

    // Spring creates the beans by reflection.
    opens io.genserver.spring;
}
