package io.genserver.cluster.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Authorities and certificates of nodes, made by keytool.
final class Certificates {

    private static final String PASSWORD = "not-a-secret";

    private final Path folder;
    private final Path password;
    private final List<String> made = new ArrayList<>();

    Certificates(Path folder) throws IOException {
        this.folder = folder;
        this.password = Files.writeString(folder.resolve("password"), PASSWORD + "\n");
    }

    Path password() {
        return password;
    }

    /// Returns the key store of a node. Makes the authority if this is its first certificate.
    ///
    /// @param extras further arguments of the signing, such as `-ext san=dns:kv`
    Path node(String authority, String name, String... extras)
            throws IOException, InterruptedException {
        if (!made.contains(authority)) {
            made.add(authority);
            keytool(authority, "-genkeypair -alias ca -dname CN=" + authority + " -ext bc:c");
            keytool(authority, "-exportcert -alias ca -file " + file(authority + ".crt"));
        }
        keytool(name, "-genkeypair -alias node -dname CN=" + name + ",OU=kv");
        keytool(name, "-certreq -alias node -file " + file(name + ".csr"));
        keytool(
                authority,
                "-gencert -alias ca -infile %s -outfile %s %s"
                        .formatted(
                                file(name + ".csr"),
                                file(name + ".crt"),
                                String.join(" ", extras)));
        keytool(name, "-importcert -noprompt -alias ca -file " + file(authority + ".crt"));
        keytool(name, "-importcert -noprompt -alias node -file " + file(name + ".crt"));
        return file(name + ".p12");
    }

    /// Returns the keys of a node.
    Tls tls(String authority, String name, String... extras)
            throws IOException, InterruptedException {
        return Tls.of(node(authority, name, extras), password);
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private void keytool(String store, String arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(Arrays.asList(arguments.split(" ")));
        command.removeIf(String::isEmpty);
        command.addAll(List.of("-keystore", file(store + ".p12").toString()));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
        if (command.contains("-genkeypair")) {
            command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + said);
        }
    }
}
