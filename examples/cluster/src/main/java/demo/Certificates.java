package demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;

/// Makes the key stores of the nodes. It starts keytool once for each key, so the authority's store
/// holds the keys of all nodes. docs/cluster.md shows a slower way, in which each machine has only
/// its own key.
final class Certificates {

    private static final String PASSWORD = "not-a-secret";

    private final Path folder;

    Certificates(Path folder) throws IOException {
        this.folder = folder;
        Files.writeString(passwordFile(), PASSWORD + "\n");
    }

    Path passwordFile() {
        return folder.resolve("password");
    }

    /// Makes a certificate authority.
    void authority(String name) throws IOException, InterruptedException {
        makeKey(name, "-alias", "ca", "-dname", "CN=" + name, "-ext", "bc:c", "-validity", "3650");
    }

    /// Makes the key store of a node, with a certificate that an authority has signed.
    void node(String authority, String name) throws IOException, InterruptedException {
        makeKey(
                authority,
                "-alias",
                name,
                "-signer",
                "ca",
                "-dname",
                "CN=" + name,
                "-validity",
                "365");
        try {
            copyToOwnStore(authority, name);
        } catch (GeneralSecurityException impossible) { // what keytool has written can be read
            throw new IOException(impossible);
        }
    }

    /// Makes a store with the node's own key and the authority's certificate.
    private void copyToOwnStore(String authority, String name)
            throws IOException, GeneralSecurityException {
        char[] password = PASSWORD.toCharArray();
        KeyStore all = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store(authority))) {
            all.load(in, password);
        }
        Certificate[] chain = all.getCertificateChain(name);
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, password);
        own.setKeyEntry("node", all.getKey(name, password), password, chain);
        own.setCertificateEntry("ca", all.getCertificate("ca"));
        try (OutputStream out = Files.newOutputStream(store(name))) {
            own.store(out, password);
        }
    }

    private Path store(String name) {
        return folder.resolve(name + ".p12");
    }

    private void makeKey(String store, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
        command.addAll(List.of("-genkeypair", "-keyalg", "EC"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", store(store).toString()));
        command.addAll(List.of("-storepass:file", passwordFile().toString()));
        Shell.run(command.toArray(String[]::new));
    }
}
