package io.genserver.documentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.genserver.ports.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Runs the commands of the documents. Commands that take long get arguments that make them short.
/// Some commands run at the same time, because most of them wait for much of their time. Those that
/// wait longest begin first.
@Timeout(600)
@Execution(ExecutionMode.CONCURRENT)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CommandsIT {

    private static final String SCRIPT =
            "printf 'create shopping\\nput shopping milk 1\\nget shopping milk\\n' | ./kv";

    @TempDir private Path folder;

    /// The commands then find builds that are current. A build would replace jars that another
    /// command runs with.
    @BeforeAll
    static void build() throws Exception {
        run(
                "checks/build-once kv-app checks/benchmarks checks/race-tests examples/cluster"
                        + " examples/shop");
        run("./kv");
    }

    private static Shell.Run run(String command) throws Exception {
        return new Shell().run(command).endsWith(0);
    }

    private static Shell.Run runShort(String command) throws Exception {
        return new Shell().forShortRuns().run(command).endsWith(0);
    }

    @Test
    @Tries({"./kv", SCRIPT})
    void kv_runs_a_script() throws Exception {
        Shell.Run script = run(SCRIPT);

        assertThat(script.output()).containsExactly("ok", "ok", "\"1\"");
        assertThat(script.errors().getLast())
                .matches("3 commands in .* per second\\), bad lines: 0");
        assertThat(run("./kv").output()).isEmpty();
        new Shell().run("printf 'no command\\n' | ./kv").endsWith(2);
    }

    /// Returns shell code that waits until a server has written to a file that it is ready, and
    /// sets `port` to its port.
    private static String awaitPort(Path file) {
        return "until port=$(sed -n 's/.*:\\([0-9]*\\) (pid.*/\\1/p' "
                + file
                + ") && [ -n \"$port\" ]; do sleep 0.1; done";
    }

    /// Another port is used, because 4040 may be in use.
    @Test
    @Tries({"./kv serve", "./kv client 127.0.0.1:4040"})
    void kv_serves_clients_until_it_is_told_to_stop() throws Exception {
        Path ready = folder.resolve("ready");
        Shell.Run run =
                new Shell()
                        .run(
                                """
                                ./kv serve --port 0 > %1$s & server=$!
                                %2$s
                                printf 'create a\\nput a k 1\\nget a k\\n' | ./kv client 127.0.0.1:$port
                                kill $server; wait $server\
                                """
                                        .formatted(ready, awaitPort(ready)))
                        .endsWith(143);

        assertThat(run.output()).containsExactly("ok", "ok", "\"1\"");
        assertThat(run.errors()).anyMatch(line -> line.endsWith("application kv stopped"));
    }

    /// A free port is used, because that of the page may be in use.
    @Test
    @Tries({
        "./kv serve --observer",
        "./kv serve --observer=4041",
        "./kv --observer",
        "./kv top",
        "./kv top --json"
    })
    void kv_is_observed() throws Exception {
        Path ready = folder.resolve("ready");
        Shell.Run run =
                new Shell()
                        .run(
                                """
                                export KV_JAVA_OPTIONS=-Duser.home=%1$s
                                ./kv serve --port 0 --observer=0 > %2$s & server=$!
                                while ! grep -q ready %2$s; do sleep 0.1; done
                                ./kv top
                                ./kv top --json
                                kill $server; wait $server || true
                                ./kv --observer < /dev/null\
                                """
                                        .formatted(folder, ready))
                        .endsWith(0);

        assertThat(run.output()).anyMatch(line -> line.startsWith("PID"));
        assertThat(run.output().getLast()).startsWith("{\"head\"");
        assertThat(run.errors()).anyMatch(line -> line.startsWith("observer: http://127.0.0.1:"));
    }

    /// Other ports are used, because those of the page may be in use.
    @Test
    @Tries({
        "(umask 077 && head -c 32 /dev/urandom | base64 > cookie)",
        "./kv serve --node a@127.0.0.1:7801 --cookie-file cookie",
        "./kv --node b@127.0.0.1:7802 --seed 127.0.0.1:7801 --cookie-file cookie"
    })
    void kv_shares_buckets_between_nodes() throws Exception {
        Shell.Run run =
                new Shell()
                        .run(
                                """
                                (umask 077 && head -c 32 /dev/urandom | base64 > %1$s/cookie)
                                ./kv serve --port 0 --node a@%2$s --cookie-file %1$s/cookie > %1$s/ready & server=$!
                                %4$s
                                printf 'create shopping\\nput shopping milk 1\\n' |
                                    ./kv --node b@%3$s --seed %2$s --cookie-file %1$s/cookie
                                printf 'get shopping milk\\n' | ./kv client 127.0.0.1:$port
                                kill $server; wait $server\
                                """
                                        .formatted(
                                                folder,
                                                FreePorts.nextAddress(),
                                                FreePorts.nextAddress(),
                                                awaitPort(folder.resolve("ready"))))
                        .endsWith(143);

        assertThat(run.output()).containsExactly("ok", "ok", "\"1\"");
    }

    /// The archive is unpacked elsewhere and runs with a JRE that has no compiler.
    @Test
    @Tries("./kv dist")
    void kv_dist_packs_a_program_that_needs_only_a_jre() throws Exception {
        Path archive = Commands.ROOT.resolve(run("./kv dist").output().getLast());
        String jre = folder.resolve("jre").toString();
        run(
                System.getProperty("java.home")
                        + "/bin/jlink --add-modules"
                        + " java.se,jdk.httpserver,jdk.jfr,jdk.management,jdk.net,jdk.unsupported --output "
                        + jre);
        run("tar -xzf " + archive + " -C " + folder);
        Path home = folder.resolve(archive.getFileName().toString().replace(".tar.gz", ""));
        assertThat(home.resolve("kv.service")).isRegularFile();
        assertThat(home.resolve("LICENSE")).isRegularFile();

        Shell.Run script =
                new Shell()
                        .with("JAVA_HOME", jre)
                        .run("printf 'create a\\nlookup b\\n' | " + home + "/bin/kv")
                        .endsWith(0);

        assertThat(script.output()).containsExactly("ok", "error");
    }

    @Test
    @Tries("./kv --plain")
    void kv_runs_the_tree_of_the_guide() throws Exception {
        assertThat(String.join("\n", run("printf 'create a\\ntree\\n' | ./kv --plain").output()))
                .startsWith("ok\n")
                .contains("KV.Registry")
                .doesNotContain("BucketSupervisor");
    }

    @Test
    @Tries("./examples/shop/run")
    void the_shop_plays_its_day_and_ends() throws Exception {
        List<String> day = run("./examples/shop/run").output();

        assertThat(day)
                .anyMatch(line -> line.endsWith("the process of ann-1 is killed"))
                .anyMatch(line -> line.endsWith("ann-1 shipped"))
                .anyMatch(line -> line.matches(".* closing report: \\{.*} of 15 orders"));
        assertThat(day.getLast()).endsWith("application shop stopped");
        assertThat(new Shell().run("./examples/shop/run rush").endsWith(2).errors())
                .containsExactly("expected Rush or no argument, got: rush");
    }

    /// Another port is used, because 8080 may be in use. This build has packaged the program
    /// already.
    @Test
    @Tries({
        "./examples/orders/run",
        "curl -X PUT 'localhost:8080/orders/ann-1/payment?cents=4200'",
        "curl localhost:8080/actuator/genserver"
    })
    void orders_are_paid_over_http() throws Exception {
        Path log = folder.resolve("log");
        Shell.Run run =
                new Shell()
                        .run(
                                """
                                touch examples/orders/target/built
                                ./examples/orders/run --server.port=0 > %1$s & server=$!
                                while ! grep -q 'Tomcat started' %1$s; do sleep 0.1; done
                                port=$(sed -n 's/.*Tomcat started on port \\([0-9]*\\).*/\\1/p' %1$s)
                                curl -sS -w '\\n' -X PUT "localhost:$port/orders/ann-1/payment?cents=4200"
                                curl -sS -w '\\n' -X PUT "localhost:$port/orders/ann-1/payment?cents=4200"
                                curl -sS -w '\\n' localhost:$port/actuator/genserver
                                kill $server; wait $server\
                                """
                                        .formatted(log))
                        .endsWith(143);

        assertThat(run.output())
                .hasSize(3)
                .startsWith(
                        "{\"number\":\"R1\",\"cents\":4200}", "{\"number\":\"R1\",\"cents\":4200}")
                .last()
                .asString()
                .contains("orders.GatewayStub");
    }

    @Test
    @Tries("SHOP_PAYMENT_TIMEOUT=PT0.1S ./examples/shop/run")
    void a_setting_of_the_shop_is_an_environment_variable() throws Exception {
        assertThat(run("SHOP_PAYMENT_TIMEOUT=PT0.1S ./examples/shop/run").output())
                .anyMatch(line -> line.endsWith("cancelled, payment failed: timeout"));
    }

    private static final String RECORDED =
            "SHOP_JAVA_OPTIONS=-XX:StartFlightRecording=filename=shop.jfr ./examples/shop/run";
    private static final String SUMMARY = "jfr summary shop.jfr | grep genserver";
    private static final String TURNS =
            "jfr view --width 140 --truncate beginning io.genserver.Turn shop.jfr";
    private static final String CALLS =
            "jfr view --width 140 --truncate beginning io.genserver.Call shop.jfr";
    private static final String WAITS =
            "jfr print --events"
                    + " jdk.ThreadSleep,jdk.ThreadPark,jdk.JavaMonitorEnter,jdk.SocketRead"
                    + " shop.jfr";
    private static final String METHODS = "jfr view hot-methods shop.jfr";

    /// The recording is written to another folder, and the command `jfr` is that of this JDK.
    @Test
    @Tries({RECORDED, SUMMARY, TURNS, CALLS, WAITS, METHODS})
    void the_flight_recorder_shows_which_server_is_slow() throws Exception {
        run(inFolder(RECORDED));

        assertThat(run(inFolder(SUMMARY)).output())
                .anyMatch(line -> line.contains("io.genserver.Turn"))
                .anyMatch(line -> line.contains("io.genserver.Call "));
        assertThat(run(inFolder(TURNS)).output())
                .anyMatch(line -> line.contains("Server") && line.contains("Queued"))
                .anyMatch(line -> line.contains("shop.Mailer") && line.contains("OrderChanged"));
        assertThat(run(inFolder(CALLS)).output())
                .anyMatch(line -> line.contains("shop.Mailer") && line.contains("World$Mail"));
        run(inFolder(WAITS));
        run(inFolder(METHODS));
    }

    private String inFolder(String command) {
        String jdk = System.getProperty("java.home") + "/bin/jfr ";
        return command.replace("shop.jfr", folder.resolve("shop.jfr").toString())
                .replaceAll("^jfr ", jdk);
    }

    private static final String COOKIE = "(umask 077; head -c 24 /dev/urandom | base64 > cookie)";
    private static final String NODE = "./cluster-demo node --name ";
    private static final String NODE_A =
            NODE
                    + "a@127.0.0.1 --listen 127.0.0.1:7801 --seed 127.0.0.1:7802"
                    + " --cookie-file cookie";
    private static final String NODE_B =
            NODE
                    + "b@127.0.0.1 --listen 127.0.0.1:7802 --seed 127.0.0.1:7801"
                    + " --cookie-file cookie";

    /// Defines functions for scripts with nodes: `await FILE TEXT`, and `terminal`, which is the
    /// input of a node for whose end nobody has to ask.
    private static final String NODES =
            """
            cd {folder} && ln -s {root}/cluster-demo . || exit
            trap 'touch done; wait' EXIT
            await() {
                tries=0
                until grep -q "$2" "$1" 2> /dev/null; do
                    [ -e done ] && exit
                    tries=$((tries + 1))
                    [ $tries -gt 900 ] && { echo "expected $1 to say: $2" >&2; exit 1; }
                    sleep 0.1
                done
            }
            terminal() { until [ -e done ]; do sleep 0.1; done; }
            set -e
            ./cluster-demo node < /dev/null > /dev/null 2>&1 || true
            """;

    /// Runs a script in a folder of its own. Other ports are used, because those of the documents
    /// may be in use.
    private Shell.Run runNodes(String script) throws Exception {
        String ports = script;
        for (String port : List.of("7801", "7802")) {
            ports = ports.replace(":" + port, ":" + FreePorts.next());
        }
        return runShort(
                NODES.replace("{folder}", folder.toString())
                                .replace("{root}", Commands.ROOT.toString())
                        + ports);
    }

    @Test
    @Tries({COOKIE, NODE_A, NODE_B})
    void nodes_in_two_terminals_meet() throws Exception {
        Shell.Run run =
                runNodes(
                        """
                        %s
                        { echo nodes; terminal; } | %s > b 2> b.log &
                        { await a 'node b@127.0.0.1 is up'; await b '\\['; printf 'nodes\\nadd b@127.0.0.1 5\\n'; } | %s > a
                        cat a
                        """
                                .formatted(COOKIE, NODE_B, NODE_A));

        assertThat(run.output()).containsSubsequence("[b@127.0.0.1]", "5");
    }

    private static final String STORE = " -storepass:file password";
    private static final String PASSWORD = "echo not-a-secret > password";
    private static final String CA =
            "keytool -genkeypair -alias ca -keyalg EC -dname CN=ca -ext bc:c -validity 3650"
                    + " -keystore ca.p12"
                    + STORE;
    private static final String CA_OUT =
            "keytool -exportcert -alias ca -file ca.crt -keystore ca.p12" + STORE;
    private static final String CA_IN =
            "keytool -importcert -alias ca -file ca.crt -noprompt -keystore a.p12" + STORE;
    private static final String KEY =
            "keytool -genkeypair -alias node -keyalg EC -dname CN=a -keystore a.p12" + STORE;
    private static final String REQUEST =
            "keytool -certreq -alias node -file a.csr -keystore a.p12" + STORE;
    private static final String SIGN =
            "keytool -gencert -alias ca -infile a.csr -outfile a.crt -validity 365"
                    + " -keystore ca.p12"
                    + STORE;
    private static final String SIGNED =
            "keytool -importcert -alias node -file a.crt -keystore a.p12" + STORE;
    private static final String NODE_TLS =
            NODE
                    + "a@127.0.0.1 --listen 127.0.0.1:7801 --cookie-file cookie"
                    + " --key-store a.p12 --password-file password";

    @Test
    @Tries({PASSWORD, CA, CA_OUT, CA_IN, KEY, REQUEST, SIGN, SIGNED, NODE_TLS})
    void keytool_makes_the_keys_of_a_node() throws Exception {
        String path = "PATH=" + System.getProperty("java.home") + "/bin:$PATH";
        List<String> commands =
                List.of(
                        path, COOKIE, PASSWORD, CA, CA_OUT, CA_IN, KEY, REQUEST, SIGN, SIGNED,
                        NODE_TLS);

        assertThat(runNodes(String.join("\n", commands)).errors())
                .anyMatch(line -> line.endsWith(" with TLS"));
    }

    private static final String IN_LAB = "ip netns exec lab ";
    private static final String LAB = "ip netns add lab";
    private static final String LAB_UP = IN_LAB + "ip link set lo up";
    private static final String REST = " --expected 3 --silence 3 --cookie-file cookie";
    private static final String LAB_1 =
            IN_LAB
                    + NODE
                    + "a@lab --listen 127.0.0.1:7801 --seed 127.0.0.2:7801 --seed 127.0.0.3:7801"
                    + REST;
    private static final String LAB_2 =
            IN_LAB
                    + NODE
                    + "b@lab --listen 127.0.0.2:7801 --seed 127.0.0.1:7801 --seed 127.0.0.3:7801"
                    + REST;
    private static final String LAB_3 =
            IN_LAB
                    + NODE
                    + "c@lab --listen 127.0.0.3:7801 --seed 127.0.0.1:7801 --seed 127.0.0.2:7801"
                    + REST;
    private static final String TABLE = IN_LAB + "nft add table ip cut";
    private static final String CHAIN =
            IN_LAB + "nft add chain ip cut out '{ type filter hook output priority 0; }'";
    private static final String RULE_1 =
            IN_LAB
                    + "nft add rule ip cut out ip saddr 127.0.0.1"
                    + " ip daddr '{ 127.0.0.2, 127.0.0.3 }' drop";
    private static final String RULE_2 =
            IN_LAB
                    + "nft add rule ip cut out ip daddr 127.0.0.1"
                    + " ip saddr '{ 127.0.0.2, 127.0.0.3 }' drop";
    private static final String HEAL = IN_LAB + "nft delete table ip cut";
    private static final String NO_LAB = "ip netns delete lab";

    @Test
    @Order(2)
    @Tries({LAB, LAB_UP, LAB_1, LAB_2, LAB_3, TABLE, CHAIN, RULE_1, RULE_2, HEAL, NO_LAB})
    void a_network_is_cut_in_two() throws Exception {
        assumeTrue(
                new Shell().run("unshare -n nft add table ip cut && ip netns list").status() == 0,
                "needs root, and the programs ip, nft and unshare");
        String script =
                """
                %s
                trap 'touch done; wait; %s' EXIT
                """
                                .formatted(LAB, NO_LAB)
                        + String.join("\n", LAB_UP, COOKIE, "")
                        + """
                        { await a 'node b@lab is down'; await a 'node c@lab is down'; echo register bank; terminal; } | %s > a &
                        { await b 'node a@lab is down'; echo register bank; terminal; } | %s > b &
                        terminal | %s > c &
                        for other in b c; do await a "node $other@lab is up"; done
                        await b 'node c@lab is up'
                        """
                                .formatted(LAB_1, LAB_2, LAB_3)
                        + String.join("\n", TABLE, CHAIN, RULE_1, RULE_2, "")
                        + """
                        await a refused
                        await b registered
                        : > a
                        """
                        + HEAL
                        + "\nawait a 'node b@lab is up'\n";

        runNodes(
                script.replace("netns add lab", "netns add lab$$")
                        .replace("netns exec lab", "netns exec lab$$")
                        .replace("netns delete lab", "netns delete lab$$"));
    }

    @Test
    @Order(1)
    @Tries("./cluster-demo demo")
    void the_demo_of_a_cluster_shows_what_each_node_sees() throws Exception {
        assertThat(runShort("./cluster-demo demo").output())
                .anyMatch(line -> line.endsWith("a  monitor of c fired: noconnection"))
                .anyMatch(line -> line.endsWith("c  node a is down"))
                .endsWith("-- the end");
    }

    /// Runs some of the faults, because all take minutes.
    @Test
    @Order(2)
    @Tries("./cluster-demo faults")
    void the_cluster_keeps_its_promises() throws Exception {
        assertThat(runShort("./cluster-demo faults kill").output())
                .anyMatch(line -> line.startsWith("holds    kill -9: Down after "));
    }

    /// Checks only that the argument is read, because the shortest run takes a minute.
    @Test
    @Tries("./cluster-demo soak --minutes 10")
    void the_cluster_soaks_for_a_number_of_minutes() throws Exception {
        assertThat(new Shell().run("./cluster-demo soak --minutes 0.5").endsWith(2).errors())
                .anyMatch(line -> line.contains("expected --minutes and a number, 1 or more"));
        assertThat(new Shell().run("./cluster-demo rest").endsWith(2).errors())
                .contains("expected demo, faults, soak or node, got: rest");
        assertThat(new Shell().run("./cluster-demo faults rest").endsWith(2).errors())
                .contains("expected a part of one of these names, got: rest", "  kill -9");
    }

    @Test
    @Tries({"./verify", ".ci/run"})
    void verify_is_what_this_build_runs() throws Exception {
        assertThat(run("./verify -N").output()).contains("[INFO] BUILD SUCCESS");
        assertThat(Files.readAllLines(Commands.ROOT.resolve(".ci/run")))
                .endsWith("./verify", "exec checks/compatibility");
        assertThat(Files.readString(Commands.ROOT.resolve(".github/workflows/build.yml")))
                .contains("- run: .ci/run\n");
    }

    @Test
    @Tries("./checks/slowest-tests")
    void the_slowest_tests_are_listed() throws Exception {
        assertThat(run("./checks/slowest-tests").output())
                .hasSize(10)
                .allMatch(line -> line.matches("[\\d.]+ [\\w.$]+ .+"));
    }

    @Test
    @Tries("./verify spotless:apply -pl '!genserver-bom'")
    void verify_formats_the_sources() throws Exception {
        assertThat(run("./verify spotless:apply -pl genserver-simulation").output())
                .contains("[INFO] BUILD SUCCESS");
    }

    @Test
    @Tries("mvn test")
    void maven_compiles_on_an_older_jdk() throws Exception {
        String jdk = olderJdk().orElse(System.getProperty("java.home"));

        new Shell().with("JAVA_HOME", jdk).run("mvn -B -q test -pl genserver-api").endsWith(0);
    }

    /// Returns the home of a JDK that Maven runs on but that cannot compile this project.
    private static Optional<String> olderJdk() throws IOException {
        Path usual = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(usual)) {
            return Optional.empty();
        }
        try (Stream<Path> homes = Files.list(usual)) {
            return homes.filter(home -> Files.isExecutable(home.resolve("bin/javac")))
                    .filter(CommandsIT::isOlder)
                    .map(Path::toString)
                    .findFirst();
        }
    }

    private static boolean isOlder(Path home) {
        try {
            return Files.readString(home.resolve("release"))
                    .lines()
                    .anyMatch(line -> line.matches("JAVA_VERSION=\"(17|21)\\..*"));
        } catch (IOException unreadable) {
            throw new java.io.UncheckedIOException(unreadable);
        }
    }

    private static final String CONFORMANCE =
            "./verify -pl checks/contract-tests -am -Dtest=ConformanceTest"
                    + " -Dsurefire.failIfNoSpecifiedTests=false -Dconformance.corpus=DIR";
    private static final String STRESS =
            "./verify -pl checks/contract-tests -am -Dtest=StressTest"
                    + " -Dsurefire.failIfNoSpecifiedTests=false -Dstress.operations=1000000";
    private static final String MANY_CHILDREN =
            "./verify -pl checks/contract-tests -am -Dtest=ManyChildrenTest -Dchildren=1000000"
                    + " -Dsurefire.failIfNoSpecifiedTests=false";
    private static final String CLUSTER =
            "./verify -pl checks/cluster-tests -am -Dtest=ClusterConformanceTest"
                    + " -Dsurefire.failIfNoSpecifiedTests=false -Dconformance.all=true";
    private static final String PARITY = "./verify -pl checks/contract-tests -am -Dgroups=parity";

    /// Checks the names in the commands. Every build runs these tests, with other settings.
    @Test
    @Tries({CONFORMANCE, STRESS, MANY_CHILDREN, CLUSTER, PARITY})
    void single_tests_can_be_run_with_their_settings() throws Exception {
        for (String command : List.of(CONFORMANCE, STRESS, MANY_CHILDREN, CLUSTER, PARITY)) {
            List<String> words = Arrays.asList(command.split(" "));
            String tests = testSources(words.get(words.indexOf("-pl") + 1), command);
            words.stream()
                    .filter(word -> word.startsWith("-D"))
                    .filter(word -> !word.startsWith("-Dtest="))
                    .map(word -> word.substring(2).split("="))
                    .filter(setting -> !setting[0].startsWith("surefire."))
                    .map(setting -> setting[0].equals("groups") ? setting[1] : setting[0])
                    .forEach(name -> assertThat(tests).as(command).contains('"' + name + '"'));
        }
    }

    /// Returns the source of the test that a command names, or of all tests of the module.
    private static String testSources(String module, String command) throws IOException {
        String name =
                command.contains("-Dtest=") ? command.replaceFirst(".*-Dtest=(\\w+).*", "$1") : "";
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files =
                Files.walk(Commands.ROOT.resolve(module).resolve("src/test/java"))) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(name + ".java")).toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }

    @Test
    @Tries("./bench -l")
    void bench_lists_the_operations_and_compiles_its_erlang_program() throws Exception {
        Path bin = Files.createDirectory(folder.resolve("bin"));
        executable(bin.resolve("erl"), "exit 0");
        executable(
                bin.resolve("erlc"),
                """
                for argument; do
                    case $argument in
                        *.erl) cat "$argument" > /dev/null && echo "compiled $argument" >&2 ;;
                    esac
                done
                """);

        Shell.Run list =
                new Shell()
                        .with("PATH", bin + ":" + System.getenv("PATH"))
                        .run("./bench -l")
                        .endsWith(0);

        assertThat(list.output()).anyMatch(line -> line.startsWith("call-thread "));
        assertThat(list.errors()).anyMatch(line -> line.matches("compiled .*/bench\\.erl"));
        assertThat(new Shell().run("./bench sleep").endsWith(2).errors())
                .endsWith(
                        "expected a name or prefix of an operation, see --list, got: sleep",
                        "./bench --help shows the options");
    }

    private static void executable(Path file, String script) throws IOException {
        Files.writeString(file, "#!/bin/sh\nset -e\n" + script + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    @Test
    @Tries({
        "./bench",
        "./bench -r 3 call cast restart",
        "./bench -c ours,beam ring",
        "apt install erlang-base"
    })
    void bench_measures_some_operations_of_some_contestants() throws Exception {
        Path csv = folder.resolve("bench.csv");

        Shell.Run bench =
                run(
                        "./bench -r 1 --warm-up 1 --time 1 -c ours,beam --csv %s call-thread"
                                .formatted(csv));

        assertThat(bench.output()).anyMatch(line -> line.matches("\\| call-thread +\\| .*"));
        assertThat(csv).isNotEmptyFile();
        List<String> all = run("./bench -l").output();
        for (String operation : List.of("call", "cast", "restart", "ring")) {
            assertThat(all).anyMatch(line -> line.startsWith(operation));
        }
        assertThat(String.join("\n", bench.output()))
                .satisfiesAnyOf(
                        table -> assertThat(table).doesNotContain("Erlang/OTP not installed"),
                        table -> assertThat(table).contains("| apt install erlang-base |"));
    }

    @Test
    @Tries({"./bench --jmh", "./bench --jmh -prof gc call"})
    void bench_runs_jmh() throws Exception {
        assertThat(run("./bench --jmh -f 1 -wi 0 -i 1 -r 1ms -prof gc callFromThread").output())
                .anyMatch(line -> line.contains("callFromThread:gc.alloc.rate.norm"));
    }

    /// Checks only that the argument is read, because the shortest run takes a minute.
    @Test
    @Tries("./bench --soak 10")
    void bench_soaks_for_a_number_of_minutes() throws Exception {
        assertThat(new Shell().run("./bench --soak 0.5").endsWith(2).errors())
                .endsWith("expected the number of minutes, 1 or more, got: 0.5");
        assertThat(new Shell().run("./bench --soak 10 20").endsWith(2).errors())
                .endsWith("expected at most 1 word(s) after this option, got: 2");
    }

    @Test
    @Tries("./bench --keyed")
    void bench_measures_counters_by_key() throws Exception {
        assertThat(runShort("./bench --keyed 10000").output())
                .anyMatch(line -> line.matches("keyed, ordinary .* ns"));
    }

    @Test
    @Tries("./bench --context")
    void bench_measures_contexts_that_travel() throws Exception {
        assertThat(runShort("./bench --context 1").output())
                .anyMatch(line -> line.matches("\\| no module \\|( \\d+ \\|){4}"))
                .anyMatch(line -> line.matches("\\| Micrometer, with calls \\|( \\d+ \\|){4}"));
    }

    /// Checks only that the argument is read, because the million keys take long.
    @Test
    @Tries("./bench --kv-store")
    void bench_measures_the_store_of_kv_for_a_number_of_seconds() throws Exception {
        assertThat(new Shell().run("./bench --kv-store 0").endsWith(2).errors())
                .endsWith("expected the number of seconds, 1 or more, got: 0");
    }

    private static final String LOAD = "./kv load 127.0.0.1:4040";

    @Test
    @Tries({
        LOAD,
        LOAD + " --connections 16 --depth 16",
        LOAD + " --rate 20000 --duration 1m",
        "./kv load 127.0.0.1:6379 --protocol redis"
    })
    void kv_load_measures_a_server() throws Exception {
        Path output = folder.resolve("serve");
        String load = "./kv load 127.0.0.1:$port --warm-up 100ms --duration 300ms ";

        Shell.Run loads =
                run(
                        """
                        ./kv serve --port 0 > %s &
                        trap "kill $!" EXIT
                        %s
                        """
                                        .formatted(output, awaitPort(output))
                                + "set -e\n"
                                + load
                                + "--connections 16 --depth 16\n"
                                + load
                                + "--rate 2000\n"
                                + "! ./kv load 127.0.0.1:$port --protocol redis\n");

        assertThat(loads.output())
                .filteredOn(line -> line.startsWith("rate "))
                .hasSize(2)
                .allMatch(line -> line.matches("rate +\\d+ requests/s .*"));
        assertThat(loads.errors())
                .anyMatch(line -> line.endsWith("expected +PONG to PING, got: UNKNOWN COMMAND"));
    }

    @Test
    @Tries("./bench --kv")
    void bench_compares_kv_with_other_servers() throws Exception {
        List<String> output = runShort("./bench --kv 0.1 1").output();

        assertThat(output).anyMatch(line -> line.matches("\\| 64 × 16 \\| \\d+ k; .* \\|.*"));
        assertThat(String.join("\n", output))
                .containsPattern("\\| Redis \\||Redis is not installed and left out");
    }

    /// Leaves out Pekko, which takes half a minute to notice that a node is gone.
    @Test
    @Tries("./bench --cluster")
    void bench_measures_two_nodes() throws Exception {
        assertThat(runShort("./bench --cluster 1 1000 ours beam").output())
                .anyMatch(line -> line.matches("\\| kill -9 to Down, ms \\| .*"));
    }

    /// Cuts off one pair of nodes, because the others take minutes. Not everybody may do that.
    @Test
    @Order(1)
    @Tries("./bench --cluster-cut")
    void bench_cuts_two_nodes_off() throws Exception {
        Shell.Run run = new Shell().forShortRuns().run("./bench --cluster-cut ours");
        if (run.status() == 0) {
            assertThat(run.output())
                    .anyMatch(line -> line.matches("\\| ours \\| \\d.* \\| \\d.* \\|"));
        } else {
            assertThat(run.errors())
                    .anyMatch(line -> line.startsWith("expected to be allowed to make a network"));
        }
    }

    @Test
    @Tries("./bench --kv-idle")
    void bench_measures_idle_connections() throws Exception {
        assertThat(runShort("./bench --kv-idle 100").output())
                .anyMatch(line -> line.matches("heap .* MB with 100 idle connections: .* KB each"))
                .anyMatch(line -> line.startsWith("resident "));
    }

    /// Checks only that the argument is read, because the shortest run takes a minute.
    @Test
    @Tries("./bench --kv-soak")
    void bench_soaks_kv_for_a_number_of_minutes() throws Exception {
        assertThat(new Shell().run("./bench --kv-soak half").endsWith(2).errors())
                .endsWith("expected the number of minutes, 1 or more, got: half");
    }

    @Test
    @Tries("./bench --startup 7")
    void bench_measures_how_kv_starts() throws Exception {
        assertThat(run("./bench --startup 1").output())
                .anyMatch(line -> line.matches("with the AOT cache: .* ms .*"));
    }

    @Test
    @Tries("./bench --simulation")
    void bench_looks_for_planted_bugs_for_a_number_of_seconds() throws Exception {
        assertThat(runShort("./bench --simulation 1").output())
                .anyMatch(line -> line.contains("runs of") && line.contains("runs/s"))
                .anyMatch(line -> line.startsWith("check, then act, 20 calls apart"));
        assertThat(new Shell().run("./bench --simulation 0").endsWith(2).errors())
                .anyMatch(line ->
                        line.endsWith(
                                "expected the number of seconds for each fault, 1 or more, got: 0"));
    }

    @Test
    @Tries({"./bench --overload", "./bench --overload 10"})
    void bench_measures_overload() throws Exception {
        assertThat(runShort("./bench --overload 1").output())
                .anyMatch(line -> line.startsWith("| unbounded | "))
                .anyMatch(line -> line.startsWith("| block | "));
    }

    @Test
    @Tries({"./races --stress", "./races --stress 5000000 42", "./races --stress 25000000 42 10"})
    void races_runs_random_operations() throws Exception {
        assertThat(runShort("./races --stress 1000 42 2").output())
                .filteredOn(line -> line.endsWith("wrong: 0"))
                .hasSize(8); // two for each mode
    }

    @Test
    @Tries({"./races", "./races -t MailboxWakeUp -m quick"})
    void races_finds_its_tests() throws Exception {
        assertThat(run("./races -t MailboxWakeUp -m quick -l").output())
                .contains("io.genserver.runtime.MailboxWakeUp.ColdStart");
        assertThat(new Shell().run("./races MailboxWakeUp").endsWith(2).errors())
                .endsWith("expected options, such as -t MailboxWakeUp, got: MailboxWakeUp");
    }
}
