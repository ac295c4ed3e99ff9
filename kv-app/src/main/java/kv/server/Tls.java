package kv.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// TLS for the sockets of a server or a client. The JDK does the work; this reads PEM files for it.
public final class Tls {

    private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String KEY_END = "-----END PRIVATE KEY-----";

    private final SSLContext context;

    private Tls(SSLContext context) {
        this.context = context;
    }

    /// Reads what a server needs.
    ///
    /// @param chain a PEM file with the server's certificate, and after it those that lead to a
    ///   root
    /// @param key a PEM file with the private key of the certificate, in PKCS #8, not encrypted
    /// @return TLS for the server's side
    /// @throws IOException if a file cannot be read or has no such content, or the key is that of
    ///   another certificate
    public static Tls ofServer(Path chain, Path key) throws IOException {
        try {
            Certificate[] certificates = certificates(chain).toArray(Certificate[]::new);
            PrivateKey privateKey = privateKey(key);
            if (!belongTogether(privateKey, certificates[0].getPublicKey())) {
                throw new IOException(
                        "expected the private key in %s to be that of the first certificate in %s"
                                .formatted(key, chain));
            }
            KeyStore store = emptyStore();
            store.setKeyEntry("kv", privateKey, NO_PASSWORD, certificates);
            KeyManagerFactory keys =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, NO_PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return new Tls(context);
        } catch (GeneralSecurityException unusable) {
            throw new IOException(
                    "expected a certificate in " + chain + " and its private key in " + key,
                    unusable);
        }
    }

    /// Reads what a client needs.
    ///
    /// @param roots a PEM file with the certificates that the client trusts
    /// @return TLS for the client's side
    /// @throws IOException if the file cannot be read or has no certificate
    public static Tls ofClient(Path roots) throws IOException {
        try {
            KeyStore store = emptyStore();
            int number = 0;
            for (Certificate root : certificates(roots)) {
                store.setCertificateEntry("root-" + number++, root);
            }
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return new Tls(context);
        } catch (GeneralSecurityException unusable) {
            throw new IOException("expected certificates in " + roots, unusable);
        }
    }

    private static final char[] NO_PASSWORD = {};

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static List<? extends Certificate> certificates(Path file)
            throws GeneralSecurityException, IOException {
        try (InputStream in = Files.newInputStream(file)) {
            var found =
                    List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
            if (found.isEmpty()) {
                throw new IOException("expected at least one PEM certificate in " + file);
            }
            return found;
        }
    }

    private static PrivateKey privateKey(Path file) throws IOException {
        String pem = Files.readString(file, StandardCharsets.ISO_8859_1);
        int begin = pem.indexOf(KEY_BEGIN);
        int end = pem.indexOf(KEY_END);
        if (begin < 0 || end < begin) {
            throw new IOException(
                    "expected \"%s\" in %s; `openssl pkcs8 -topk8 -nocrypt -in KEY` converts other forms"
                            .formatted(KEY_BEGIN, file));
        }
        String body = pem.substring(begin + KEY_BEGIN.length(), end);
        PKCS8EncodedKeySpec key = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body));
        return Stream.of("RSA", "EC", "EdDSA") // which one it is, only the bytes say
                .flatMap(algorithm -> privateKey(key, algorithm).stream())
                .findFirst()
                .orElseThrow(() -> new IOException("expected an RSA, EC or EdDSA key in " + file));
    }

    private static Optional<PrivateKey> privateKey(PKCS8EncodedKeySpec key, String algorithm) {
        try {
            return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(key));
        } catch (InvalidKeySpecException | NoSuchAlgorithmException other) {
            return Optional.empty();
        }
    }

    /// Returns whether the public key accepts a signature of the private key. Without this check,
    /// the first client would find out.
    private static boolean belongTogether(PrivateKey signer, PublicKey verifier)
            throws GeneralSecurityException {
        if (!signer.getAlgorithm().equals(verifier.getAlgorithm())) {
            return false;
        }
        Signature signature =
                Signature.getInstance(
                        switch (signer.getAlgorithm()) {
                            case "RSA" -> "SHA256withRSA";
                            case "EC" -> "SHA256withECDSA";
                            default -> signer.getAlgorithm();
                        });
        byte[] text = {1};
        signature.initSign(signer);
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(verifier);
        signature.update(text);
        try {
            return signature.verify(signed);
        } catch (SignatureException otherCurve) {
            return false;
        }
    }

    /// Does the server's side of the handshake over an accepted socket. Blocks until it is done.
    ///
    /// @param accepted the socket, which is closed with the result
    /// @return the socket to use
    /// @throws IOException if the client does not speak TLS, or closes the connection
    Socket accept(Socket accepted) throws IOException {
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(accepted, null, true);
        socket.setUseClientMode(false);
        socket.startHandshake();
        return socket;
    }

    /// Does the client's side of the handshake over a connected socket, and checks that the
    /// server's certificate is for a host. Blocks until it is done.
    ///
    /// @param connected the socket, which is closed with the result
    /// @param host the host's name
    /// @return the socket to use
    /// @throws IOException if the server does not speak TLS, or its certificate is not trusted
    public Socket connect(Socket connected, String host) throws IOException {
        SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(connected, host, connected.getPort(), true);
        socket.setSSLParameters(checkingTheHost(socket.getSSLParameters()));
        socket.startHandshake();
        return socket;
    }

    /// Returns an engine for the client's side of a connection that does not block. It checks that
    /// the server's certificate is for a host.
    ///
    /// @param host the host's name
    /// @param port the port
    /// @return the engine, before its handshake
    public SSLEngine engine(String host, int port) {
        SSLEngine engine = context.createSSLEngine(host, port);
        engine.setUseClientMode(true);
        engine.setSSLParameters(checkingTheHost(engine.getSSLParameters()));
        return engine;
    }

    private static SSLParameters checkingTheHost(SSLParameters parameters) {
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        return parameters;
    }
}
