package io.genserver.cluster.jgroups;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Accepts what another trust manager accepts, if the peer's certificate also carries a name.
final class NamedPeers extends X509ExtendedTrustManager {

    private static final int DNS = 2; // the type of a subject alternative name, as RFC 5280 has it

    private final X509ExtendedTrustManager chain;
    private final String name;

    NamedPeers(X509ExtendedTrustManager chain, String name) {
        this.chain = chain;
        this.name = name;
    }

    private void check(X509Certificate[] certificates) throws CertificateException {
        X509Certificate peer = certificates[0];
        if (!units(peer).contains(name) && !dnsNames(peer).contains(name)) {
            throw new CertificateException(
                    "expected a certificate with the unit or DNS name "
                            + name
                            + ", got: "
                            + peer.getSubjectX500Principal());
        }
    }

    private static List<String> units(X509Certificate peer) throws CertificateException {
        try {
            return new LdapName(peer.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(part -> part.getType().equalsIgnoreCase("OU"))
                            .map(part -> part.getValue().toString())
                            .toList();
        } catch (InvalidNameException e) {
            throw new CertificateException("the subject of the certificate cannot be read", e);
        }
    }

    private static List<String> dnsNames(X509Certificate peer) throws CertificateException {
        Collection<List<?>> names = peer.getSubjectAlternativeNames();
        return names == null
                ? List.of()
                : names.stream()
                        .filter(entry -> entry.get(0).equals(DNS))
                        .map(entry -> entry.get(1).toString())
                        .toList();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] certificates, String type, Socket socket)
            throws CertificateException {
        chain.checkClientTrusted(certificates, type, socket);
        check(certificates);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] certificates, String type, Socket socket)
            throws CertificateException {
        chain.checkServerTrusted(certificates, type, socket);
        check(certificates);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] certificates, String type, SSLEngine engine)
            throws CertificateException {
        chain.checkClientTrusted(certificates, type, engine);
        check(certificates);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] certificates, String type, SSLEngine engine)
            throws CertificateException {
        chain.checkServerTrusted(certificates, type, engine);
        check(certificates);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] certificates, String type)
            throws CertificateException {
        chain.checkClientTrusted(certificates, type);
        check(certificates);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] certificates, String type)
            throws CertificateException {
        chain.checkServerTrusted(certificates, type);
        check(certificates);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return chain.getAcceptedIssuers();
    }
}
