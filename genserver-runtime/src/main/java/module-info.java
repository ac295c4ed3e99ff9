/// The runtime: processes on virtual threads, mailboxes, signals, timers and names.
///
/// It exports nothing and is found as a provider.
module io.genserver.runtime {
    requires io.genserver.api;
    requires jdk.jfr;
    requires org.jctools.core;
    requires org.jspecify;
    requires org.slf4j;

    provides io.genserver.spi.ProcessRuntime with
            io.genserver.runtime.LocalRuntime;
}
