/// OTP for Java: processes, generic servers and agents.
///
/// User code compiles against the package `io.genserver` alone. The service loader finds the
/// runtime, a provider of [io.genserver.spi.ProcessRuntime]: put `genserver-runtime` on the class
/// path or the module path.
module io.genserver.api {
    requires transitive org.jspecify;
    requires transitive org.slf4j;

    exports io.genserver;
    exports io.genserver.spi;
    exports io.genserver.spi.distribution;

    uses io.genserver.spi.ProcessRuntime;
}
