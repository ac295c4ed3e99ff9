/// Tests of Spring Boot applications with a supervision tree.
module io.genserver.spring.test {
    requires io.genserver.spring;
    requires transitive io.genserver.test;
    requires org.jspecify;
    requires spring.beans;
    requires spring.context;
    requires spring.test;

    exports io.genserver.spring.test;

    // JUnit creates the extensions by reflection.
    opens io.genserver.spring.test to
            org.junit.platform.commons;
}
