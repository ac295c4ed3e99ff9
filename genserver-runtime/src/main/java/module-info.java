/// The runtime: processes on virtual threads, mailboxes, signals, timers and names.
///
/// It exports nothing. The API finds it as a service provider.
module io.genserver.runtime {
    requires io.genserver.api;
    requires jdk.jfr;
    requires org.jctools.core;
    requires org.jspecify;
    requires org.slf4j;
    requires static ch.qos.logback.classic;
    requires static ch.qos.logback.core;
    requires static org.apache.logging.log4j;
    requires static org.apache.logging.log4j.core;

    uses io.genserver.spi.ContextCarrier;
    uses io.genserver.spi.RuntimeListener;

    provides io.genserver.spi.ProcessRuntime with
            io.genserver.runtime.LocalRuntime;
    provides org.apache.logging.log4j.core.util.ContextDataProvider with
            io.genserver.runtime.ProcessContextData;
}
