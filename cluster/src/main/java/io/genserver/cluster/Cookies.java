package io.genserver.cluster;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The secrets that the nodes of a cluster share. The first one makes proofs, and each of them is
/// accepted in the proof of a peer, so that a cluster can change its cookie without a break.
final class Cookies {

    private static final String ALGORITHM = "HmacSHA256";
    private static final String LABEL = "genserver cluster 1";

    private final List<SecretKeySpec> keys;

    Cookies(List<String> cookies) {
        if (cookies.isEmpty() || cookies.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException(
                    "expected one cookie or more, none of them blank, got: " + cookies.size());
        }
        keys =
                cookies.stream()
                        .map(cookie -> cookie.getBytes(StandardCharsets.UTF_8))
                        .map(bytes -> new SecretKeySpec(bytes, ALGORITHM))
                        .toList();
    }

    /// Makes the code of a proof. The hello of its sender comes first, so a proof that is sent back
    /// proves nothing.
    byte[] prove(Packet.Hello sender, Packet.Hello receiver, Packet.Features features) {
        return code(keys.getFirst(), content(sender, receiver, features));
    }

    /// Tells whether the sender of a proof has a cookie, in a time that does not depend on how much
    /// of the code is right.
    boolean verify(Packet.Hello sender, Packet.Hello receiver, Packet.Proof proof) {
        byte[] content = content(sender, receiver, proof.features());
        boolean isRight = false;
        for (SecretKeySpec key : keys) {
            isRight |= MessageDigest.isEqual(code(key, content), proof.code());
        }
        return isRight;
    }

    private static byte[] content(
            Packet.Hello sender, Packet.Hello receiver, Packet.Features features) {
        FrameWriter out = new FrameWriter(Integer.MAX_VALUE);
        out.writeString(LABEL);
        write(out, sender);
        write(out, receiver);
        Packets.writeFeatures(out, features);
        return out.toBytes();
    }

    private static void write(FrameWriter out, Packet.Hello hello) {
        out.writeUnsigned(hello.from());
        out.writeUnsigned(hello.oldest());
        out.writeUnsigned(hello.newest());
        out.writeString(hello.name());
        out.writeUnsigned(hello.incarnation());
        out.writeBytes(hello.nonce());
    }

    private static byte[] code(SecretKeySpec key, byte[] content) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("expected " + ALGORITHM + ", which each JDK has", e);
        }
    }
}
