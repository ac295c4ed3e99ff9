package io.genserver.cluster.jgroups;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.UnrecoverableKeyException;
import java.util.Collections;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/// The keys of a node, and which certificates it accepts.
///
/// A cluster should have a certificate authority of its own, because each certificate that the
/// authority has signed can join. The files are read when the engine starts.
///
/// An object of this class never changes; each method returns a new one.
public final class Tls {

    private final Path keyStore;
    private final Path password;
    private final Path trustStore;
    private final Path trustPassword;
    private final Optional<String> peerName;

    private Tls(
            Path keyStore,
            Path password,
            Path trustStore,
            Path trustPassword,
            Optional<String> peerName) {
        this.keyStore = keyStore;
        this.password = password;
        this.trustStore = trustStore;
        this.trustPassword = trustPassword;
        this.peerName = peerName;
    }

    /// Returns keys from one file, which also holds the certificates of the authorities.
    ///
    /// @param keyStore a PKCS #12 file with the key and the certificate of this node
    /// @param password a text file with the password of the key store in its first line. A file, so
    ///   that the password is not in the list of processes
    /// @return the keys
    public static Tls of(Path keyStore, Path password) {
        return new Tls(keyStore, password, keyStore, password, Optional.empty());
    }

    /// Takes the certificates of the authorities from another file.
    ///
    /// @param trustStore a PKCS #12 file with the certificates
    /// @param password a text file with its password in the first line
    /// @return the keys with this trust store
    public Tls withTrustStore(Path trustStore, Path password) {
        return new Tls(keyStore, this.password, trustStore, password, peerName);
    }

    /// Accepts only peers whose certificate carries a name. Use it if the authority signs
    /// certificates for more than this cluster.
    ///
    /// @param name an organizational unit (OU) of the subject, or a DNS name among the subject's
    ///   alternative names, compared exactly
    /// @return the keys with this demand
    public Tls withPeerName(String name) {
        return new Tls(keyStore, password, trustStore, trustPassword, Optional.of(name));
    }

    /// Reads the files.
    SSLContext context() throws IOException {
        KeyManagerFactory keys = keys();
        X509ExtendedTrustManager trust = trust();
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(keys.getKeyManagers(), new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS 1.3 cannot be used: " + e.getMessage(), e);
        }
    }

    private KeyManagerFactory keys() throws IOException {
        char[] secret = secret(password);
        KeyStore store = load(keyStore, secret, password);
        try {
            if (Collections.list(store.aliases()).stream().noneMatch(a -> isKey(store, a))) {
                throw new IOException("expected a private key in " + keyStore + ", found none");
            }
            KeyManagerFactory factory =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, secret);
            return factory;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use the key in " + keyStore + ": " + e.getMessage(), e);
        }
    }

    private static boolean isKey(KeyStore store, String alias) {
        try {
            return store.isKeyEntry(alias);
        } catch (KeyStoreException e) {
            throw new IllegalStateException("the store has been loaded", e);
        }
    }

    private X509ExtendedTrustManager trust() throws IOException {
        KeyStore store = load(trustStore, secret(trustPassword), trustPassword);
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            X509ExtendedTrustManager chain =
                    (X509ExtendedTrustManager) factory.getTrustManagers()[0];
            if (chain.getAcceptedIssuers().length == 0) {
                throw new IOException(
                        "expected the certificate of an authority in "
                                + trustStore
                                + ", found none");
            }
            return peerName.<X509ExtendedTrustManager>map(name -> new NamedPeers(chain, name))
                    .orElse(chain);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "cannot use the certificates in " + trustStore + ": " + e.getMessage(), e);
        }
    }

    private static KeyStore load(Path file, char[] secret, Path passwordFile) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, secret);
            return store;
        } catch (IOException | GeneralSecurityException e) {
            if (e.getCause() instanceof UnrecoverableKeyException) {
                throw new IOException(
                        "the password in " + passwordFile + " does not open " + file, e);
            }
            throw unreadable(file, e);
        }
    }

    private static char[] secret(Path file) throws IOException {
        try (var lines = Files.newBufferedReader(file)) {
            String first = lines.readLine();
            if (first == null) {
                throw new IOException("expected a password in the first line, found no line");
            }
            return first.toCharArray();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static IOException unreadable(Path file, Exception e) {
        String why =
                switch (e) {
                    case NoSuchFileException _ -> "there is no such file";
                    case AccessDeniedException _ -> "access denied";
                    default -> e.getMessage();
                };
        return new IOException("cannot read " + file + ": " + why, e);
    }
}
