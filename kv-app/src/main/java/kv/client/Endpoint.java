package kv.client;

import java.net.InetSocketAddress;
import kv.Address;
import kv.server.Tls;
import org.jspecify.annotations.Nullable;

/// What is needed to connect to a server.
///
/// @param server where the server listens
/// @param token the token to send first; null for none
/// @param tls TLS for the connection; null for a plain one
public record Endpoint(InetSocketAddress server, @Nullable String token, @Nullable Tls tls) {

    @Override
    public String toString() { // without the token
        return Address.shown(server);
    }
}
