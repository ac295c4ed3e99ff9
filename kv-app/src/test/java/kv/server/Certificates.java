package kv.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A certificate for 127.0.0.1 that signs itself, made by the JDK's keytool.
///
/// @param certificate the PEM file of the certificate
/// @param key the PEM file of its private key
public record Certificates(Path certificate, Path key) {

    private static final String PASSWORD = "password";

    /// Makes a certificate.
    ///
    /// @param name an algorithm, or one and a number, such as `EC-2`
    public static Certificates in(Path folder, String name) throws IOException {
        String algorithm = name.split("-", 2)[0];
        Path store = folder.resolve(name + ".p12");
        keytool(
                "-genkeypair",
                "-alias",
                "kv",
                "-keyalg",
                algorithm,
                "-dname",
                "CN=localhost",
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD);
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            return new Certificates(
                    pem(folder, name, "CERTIFICATE", keys.getCertificate("kv").getEncoded()),
                    pem(
                            folder,
                            name,
                            "PRIVATE KEY",
                            keys.getKey("kv", PASSWORD.toCharArray()).getEncoded()));
        } catch (GeneralSecurityException failed) {
            throw new IOException(failed);
        }
    }

    private static Path pem(Path folder, String name, String type, byte[] content)
            throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return Files.writeString(
                folder.resolve(name + "-" + type.replace(' ', '-') + ".pem"),
                "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(type, body, type));
    }

    private static void keytool(String... arguments) throws IOException {
        Path program = Path.of(System.getProperty("java.home"), "bin", "keytool");
        List<String> command = new java.util.ArrayList<>(List.of(program.toString()));
        command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output =
                new String(
                        process.getInputStream().readAllBytes(),
                        java.nio.charset.StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(output);
            }
        } catch (InterruptedException interrupted) {
            throw new IOException(interrupted);
        }
    }
}
