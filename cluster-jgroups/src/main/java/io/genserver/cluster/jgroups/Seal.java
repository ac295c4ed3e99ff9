package io.genserver.cluster.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Message;
import org.jgroups.stack.Protocol;
import org.jgroups.util.ByteArray;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Encrypts and authenticates whole messages, their headers and addresses included. Drops each
/// message that was not made with the same secret.
///
/// On the wire a message is a [BytesMessage] without headers. Its payload is the id of the sender's
/// start, a counter, and the encrypted message. Each start has a key of its own, so that no counter
/// is used twice with a key.
///
/// JGroups' own SYM_ENCRYPT is not used, because it lets messages without a payload through
/// unchecked and does not authenticate headers.
final class Seal extends Protocol {

    private static final Logger LOG = LoggerFactory.getLogger(JGroupsEngine.class);

    private static final String CIPHER = "ChaCha20-Poly1305";
    private static final String MAC = "HmacSHA256";
    private static final String DERIVATION = "PBKDF2WithHmacSHA256";
    private static final byte[] SALT = "io.genserver.cluster.jgroups".getBytes(UTF_8);
    private static final int ROUNDS = 200_000;
    private static final int KEY_BITS = 256;

    private static final int START_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int CLEAR_BYTES = START_BYTES + Long.BYTES;

    private static final int MAX_CIPHERS = 16;
    private static final int MAX_KEYS = 1_000;

    private final SecretKeySpec secret;
    private final byte[] start = new byte[START_BYTES];
    private final SecretKeySpec own;
    private final AtomicLong counter = new AtomicLong();

    /// The keys of starts that have sent a message with the right secret. Used by all threads.
    private final Map<ByteBuffer, SecretKeySpec> keys = new ConcurrentHashMap<>();

    /// Ciphers that no thread uses.
    private final Queue<Cipher> ciphers = new ArrayBlockingQueue<>(MAX_CIPHERS);

    private final AtomicLong refused = new AtomicLong(); // since the last line in the log
    private final LinePace pace = new LinePace();

    /// Takes some tenths of a second, so that guesses of the secret take long, too.
    Seal(String secret) throws GeneralSecurityException {
        PBEKeySpec slow = new PBEKeySpec(secret.toCharArray(), SALT, ROUNDS, KEY_BITS);
        byte[] derived = SecretKeyFactory.getInstance(DERIVATION).generateSecret(slow).getEncoded();
        this.secret = new SecretKeySpec(derived, MAC);
        new SecureRandom().nextBytes(start);
        own = key(ByteBuffer.wrap(start));
    }

    private SecretKeySpec key(ByteBuffer start) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(MAC);
        mac.init(secret);
        mac.update(start.duplicate());
        return new SecretKeySpec(mac.doFinal(), "ChaCha20");
    }

    @Override
    public @Nullable Object down(Message message) {
        Message sealed;
        try {
            sealed = seal(message);
        } catch (Exception e) {
            LOG.error("could not encrypt a message to {}", message.getDest(), e);
            return null;
        }
        return down_prot.down(sealed);
    }

    /// Changes nothing in the message but its source, because it may be sent again.
    private Message seal(Message message) throws Exception {
        if (message.getSrc() == null) {
            message.setSrc(local_addr);
        }
        ByteArray text = Util.messageToBuffer(message);
        byte[] sealed = new byte[CLEAR_BYTES + text.getLength() + TAG_BYTES];
        long count = counter.incrementAndGet();
        ByteBuffer.wrap(sealed).put(start).putLong(count);
        Cipher cipher = cipher();
        cipher.init(Cipher.ENCRYPT_MODE, own, nonce(count));
        cipher.doFinal(text.getArray(), text.getOffset(), text.getLength(), sealed, CLEAR_BYTES);
        ciphers.offer(cipher);
        return new BytesMessage(message.getDest(), sealed)
                .setSrc(message.getSrc())
                .setFlag(message.getFlags(false), false, false)
                .setFlag(message.getFlags(true), true, false);
    }

    private Cipher cipher() throws GeneralSecurityException {
        Cipher free = ciphers.poll();
        return free == null ? Cipher.getInstance(CIPHER) : free;
    }

    private static IvParameterSpec nonce(long count) {
        ByteBuffer nonce = ByteBuffer.allocate(NONCE_BYTES);
        return new IvParameterSpec(nonce.putLong(NONCE_BYTES - Long.BYTES, count).array());
    }

    @Override
    public @Nullable Object up(Message message) {
        Message opened = open(message);
        return opened == null ? null : up_prot.up(opened);
    }

    @Override
    public void up(MessageBatch batch) {
        MessageBatch opened =
                new MessageBatch(
                        batch.dest(),
                        batch.sender(),
                        batch.clusterName(),
                        batch.multicast(),
                        batch.mode(),
                        batch.size());
        for (Message message : batch) {
            Message one = isOf(batch, message) ? open(message) : null;
            if (one != null) {
                opened.add(one);
            }
        }
        if (!opened.isEmpty()) {
            up_prot.up(opened);
        }
    }

    /// JGroups above this protocol goes by the addresses of the batch.
    private boolean isOf(MessageBatch batch, Message message) {
        boolean isOf =
                Objects.equals(batch.sender(), message.getSrc())
                        && Objects.equals(batch.dest(), message.getDest());
        if (!isOf) {
            refuse(message.getSrc());
        }
        return isOf;
    }

    /// Returns the message inside, or null if it was not made with the secret, or for other
    /// addresses or flags than those by which JGroups below this protocol has handled it.
    private @Nullable Message open(Message message) {
        try {
            Message opened = decrypt(message);
            if (opened != null
                    && Objects.equals(opened.getSrc(), message.getSrc())
                    && Objects.equals(opened.getDest(), message.getDest())
                    && opened.getFlags(false) == message.getFlags(false)) {
                return opened;
            }
        } catch (GeneralSecurityException e) {
            LOG.trace("a message of {} is not authentic", message.getSrc(), e);
        } catch (Exception e) {
            LOG.warn("could not read a message of {}", message.getSrc(), e);
            return null;
        }
        refuse(message.getSrc());
        return null;
    }

    private @Nullable Message decrypt(Message message) throws Exception {
        if (!(message instanceof BytesMessage) || message.getLength() < CLEAR_BYTES + TAG_BYTES) {
            return null;
        }
        byte[] sealed = message.getArray();
        int offset = message.getOffset();
        ByteBuffer id = ByteBuffer.wrap(Arrays.copyOfRange(sealed, offset, offset + START_BYTES));
        long count = ByteBuffer.wrap(sealed).getLong(offset + START_BYTES);
        SecretKeySpec known = keys.get(id);
        SecretKeySpec key = known == null ? key(id) : known;
        Cipher cipher = cipher();
        cipher.init(Cipher.DECRYPT_MODE, key, nonce(count));
        byte[] text =
                cipher.doFinal(sealed, offset + CLEAR_BYTES, message.getLength() - CLEAR_BYTES);
        ciphers.offer(cipher);
        if (known == null) {
            keep(id, key);
        }
        return Util.messageFromBuffer(text, 0, text.length);
    }

    /// Only keys of nodes with the secret are kept, so that others cannot fill the memory.
    private void keep(ByteBuffer id, SecretKeySpec key) {
        if (keys.size() >= MAX_KEYS) {
            keys.clear();
        }
        keys.put(id, key);
    }

    private void refuse(@Nullable Address from) {
        refused.incrementAndGet();
        if (pace.isDue()) {
            LOG.warn(
                    "refused messages from nodes without the secret: {}, the last one of {}",
                    refused.getAndSet(0),
                    from);
        }
    }
}
