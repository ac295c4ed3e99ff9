package io.genserver.cluster.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jgroups.Address;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.SYM_ENCRYPT;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Encrypts and authenticates all messages with a key that is made from a secret. What comes from a
/// node with another secret is dropped, so that node is never a member.
@SuppressWarnings("unchecked") // of a method in SYM_ENCRYPT
final class Seal extends SYM_ENCRYPT {

    private static final Logger LOG = LoggerFactory.getLogger(JGroupsEngine.class);

    private static final String CIPHER = "ChaCha20-Poly1305";
    private static final int NONCE_BYTES = 12;
    private static final String PURPOSE = "io.genserver.cluster.jgroups";

    /// Nodes whose messages were dropped, so that each is logged once.
    private final Set<Address> refused = ConcurrentHashMap.newKeySet();

    Seal(String secret) throws GeneralSecurityException {
        setId(ClassConfigurator.getProtocolId(SYM_ENCRYPT.class));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(UTF_8), mac.getAlgorithm()));
        setSecretKey(new SecretKeySpec(mac.doFinal(PURPOSE.getBytes(UTF_8)), "ChaCha20"));
        symAlgorithm(CIPHER);
        symIvLength(NONCE_BYTES);
    }

    /// Is asked for a message that has another key.
    @Override
    protected boolean inView(Address sender, String message) {
        if (refused.add(sender)) {
            LOG.warn("refused the messages of {}, which has another secret", sender);
        }
        return false;
    }
}
