/// kv: the key-value store of Elixir's "Mix and OTP" guide.
module kv {
    requires HdrHistogram;
    requires info.picocli;
    requires io.genserver.cluster.jgroups;
    requires io.genserver.observer;
    requires io.genserver.supervisor;
    requires org.jline.reader;
    requires org.jline.terminal;
    requires org.jspecify;
    requires org.slf4j;
    requires java.management;
    requires java.sql; // Infinispan is not a module, so nothing else asks for what it needs
    requires jdk.management;
    requires jdk.net;
    requires rocksdbjni;

    opens kv to
            info.picocli;
    opens kv.load to
            info.picocli;
    opens kv.client to
            info.picocli;
    opens kv.nodes to
            info.picocli,
            io.genserver.cluster;
    opens kv.server to
            info.picocli;
    opens kv.top to
            info.picocli;
}
