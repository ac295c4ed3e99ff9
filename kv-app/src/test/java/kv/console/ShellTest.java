package kv.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.supervisor.ChildSpec;
import io.genserver.test.AllowCrashes;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import kv.Kv;
import kv.Registry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
class ShellTest {

    @BeforeEach
    void start(TestSupervisor test) {
        test.startSupervised(ChildSpec.supervisor("kv", Kv::startLink));
    }

    @Test
    void the_tree_shows_names_pids_and_mailboxes() {
        Shell shell = new Shell();
        shell.run(new Command.Create("shopping"));
        String bucket = shell.run(new Command.Lookup("shopping"));

        assertThat(shell.run(new Command.Tree()).lines())
                .satisfiesExactly(
                        root ->
                                assertThat(root)
                                        .matches(
                                                "KV.Supervisor #PID<.*> io.genserver.supervisor.Supervisor, mailbox 0"),
                        buckets ->
                                assertThat(buckets)
                                        .matches(
                                                "├─ KV.BucketSupervisor #PID<.*> io.genserver.supervisor.DynamicSupervisor, mailbox 0"),
                        shopping ->
                                assertThat(shopping)
                                        .isEqualTo(
                                                "│  └─ shopping "
                                                        + bucket
                                                        + " kv.Bucket, mailbox 0"),
                        registry ->
                                assertThat(registry)
                                        .matches("└─ KV.Registry #PID<.*> kv.Registry, mailbox 0"));
    }

    @Test
    @AllowCrashes
    void a_crashed_bucket_leaves_the_others_alone() {
        Registry.create(Kv.registry(), "shopping");
        Registry.create(Kv.registry(), "office");
        Shell shell = new Shell();

        assertThat(shell.run(new Command.Crash("shopping"))).contains("crashed from the console");

        assertThat(Registry.lookup(Kv.registry(), "shopping")).isEmpty();
        assertThat(Registry.lookup(Kv.registry(), "office")).isPresent();
    }
}
