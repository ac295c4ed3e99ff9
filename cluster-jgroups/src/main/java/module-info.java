/// Carries a cluster over TCP with JGroups.
module io.genserver.cluster.jgroups {
    requires transitive io.genserver.cluster;
    requires org.jgroups;
    requires org.jspecify;
    requires org.slf4j;

    // JGroups is not a named module, so nothing else asks for what it needs of the JDK.
    requires java.logging;
    requires java.management;
    requires java.naming;
    requires java.xml;

    exports io.genserver.cluster.jgroups;
    exports io.genserver.cluster.jgroups.spi;

    uses io.genserver.cluster.jgroups.spi.ChannelMapsProvider;
}
