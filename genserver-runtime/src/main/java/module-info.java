/// The runtime: processes on virtual threads, mailboxes, signals, timers and names.
///
/// It exports nothing. The API finds it as a service provider.
module io.genserver.runtime {
    requires io.genserver.api;
    requires jdk.jfr;
    requires org.jctools.core;
    requires org.jspecify;
    requires org.slf4j;

    provides io.genserver.spi.ProcessRuntime with
            io.genserver.runtime.LocalRuntime;
}
