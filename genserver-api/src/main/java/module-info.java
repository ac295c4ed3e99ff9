/// OTP for Java: processes, generic servers and agents.
///
/// User code compiles against `io.genserver` alone. A runtime is found through the service loader
/// as a provider of [io.genserver.spi.ProcessRuntime]; put `genserver-runtime` on the path.
module io.genserver.api {
    requires transitive org.jspecify;
    requires org.slf4j;

    exports io.genserver;
    exports io.genserver.spi;

    uses io.genserver.spi.ProcessRuntime;
}
