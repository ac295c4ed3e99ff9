package demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Makes key stores with keytool, in the way that docs/cluster.md shows.
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
        keytool(
                name,
                "-genkeypair",
                "-alias",
                "ca",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "bc:c",
                "-validity",
                "3650");
        keytool(name, "-exportcert", "-alias", "ca", "-file", file(name, ".crt"));
    }

    /// Makes the key store of a node, with a certificate that an authority has signed.
    Path node(String authority, String name) throws IOException, InterruptedException {
        keytool(name, "-importcert", "-alias", "ca", "-file", file(authority, ".crt"), "-noprompt");
        keytool(name, "-genkeypair", "-alias", "node", "-keyalg", "EC", "-dname", "CN=" + name);
        keytool(name, "-certreq", "-alias", "node", "-file", file(name, ".csr"));
        keytool(
                authority,
                "-gencert",
                "-alias",
                "ca",
                "-infile",
                file(name, ".csr"),
                "-outfile",
                file(name, ".crt"),
                "-validity",
                "365");
        keytool(name, "-importcert", "-alias", "node", "-file", file(name, ".crt"));
        return folder.resolve(name + ".p12");
    }

    private String file(String name, String ending) {
        return folder.resolve(name + ending).toString();
    }

    private void keytool(String store, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", file(store, ".p12")));
        command.addAll(List.of("-storepass:file", passwordFile().toString()));
        Shell.run(command.toArray(String[]::new));
    }
}
