/// Spans of calls, requests and casts for OpenTelemetry, and the way of its context along with
/// messages.
module io.genserver.opentelemetry {
    requires transitive io.genserver.api;
    requires transitive io.opentelemetry.api;
    requires io.opentelemetry.context;
    requires org.jspecify;

    exports io.genserver.opentelemetry;

    provides io.genserver.spi.ContextCarrier with
            io.genserver.opentelemetry.SpanCarrier;
}
