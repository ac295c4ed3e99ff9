/// Carries thread locals along with messages. There is nothing to call: the runtime finds
/// [io.genserver.context.ThreadLocalsCarrier].
module io.genserver.context {
    requires context.propagation;
    requires transitive io.genserver.api;
    requires org.jspecify;
    requires static micrometer.observation;

    exports io.genserver.context;

    provides io.genserver.spi.ContextCarrier with
            io.genserver.context.ThreadLocalsCarrier;
}
