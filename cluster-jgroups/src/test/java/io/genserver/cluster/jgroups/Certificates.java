package io.genserver.cluster.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Authorities and certificates of nodes, made by keytool.
final class Certificates {

    private static final char[] PASSWORD = "not-a-secret".toCharArray();

    private final Path folder;
    private final Path password;
    private final Set<String> authorities = new HashSet<>();

    Certificates(Path folder) throws IOException {
        this.folder = folder;
        this.password =
                Files.writeString(folder.resolve("password"), String.valueOf(PASSWORD) + "\n");
    }

    Path password() {
        return password;
    }

    /// Returns the key store of a node. Makes the authority if this is its first certificate.
    ///
    /// @param extras further arguments of keytool, such as `-ext san=dns:kv`
    Path node(String authority, String name, String... extras) throws Exception {
        if (authorities.add(authority)) {
            keytool(authority, "-alias", "ca", "-dname", "CN=" + authority, "-ext", "bc:c");
        }
        List<String> arguments = new ArrayList<>(List.of(extras));
        arguments.addAll(
                List.of("-alias", name, "-signer", "ca", "-dname", "CN=" + name + ",OU=kv"));
        keytool(authority, arguments.toArray(String[]::new));
        return withoutAuthority(authority, name);
    }

    /// Returns the keys of a node.
    Tls tls(String authority, String name, String... extras) throws Exception {
        return Tls.of(node(authority, name, extras), password);
    }

    /// A node has its own key and the authority's certificate.
    private Path withoutAuthority(String authority, String name)
            throws IOException, GeneralSecurityException {
        KeyStore all = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file(authority))) {
            all.load(in, PASSWORD);
        }
        Certificate[] chain = all.getCertificateChain(name);
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, PASSWORD);
        own.setKeyEntry("node", all.getKey(name, PASSWORD), PASSWORD, chain);
        own.setCertificateEntry("ca", all.getCertificate("ca"));
        try (OutputStream out = Files.newOutputStream(file(name))) {
            own.store(out, PASSWORD);
        }
        return file(name);
    }

    private Path file(String name) {
        return folder.resolve(name + ".p12");
    }

    private void keytool(String store, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
        command.addAll(List.of("-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", file(store).toString(), "-storetype", "PKCS12"));
        command.addAll(List.of("-storepass", String.valueOf(PASSWORD)));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + said);
        }
    }
}
