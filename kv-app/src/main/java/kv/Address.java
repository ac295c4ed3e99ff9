package kv;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads the address of a server, such as `localhost:4040` or `[::1]:4040`.
public final class Address implements ITypeConverter<InetSocketAddress> {

    private static final Pattern FORM = Pattern.compile("(?:\\[(.+)]|([^:]+)):(\\d{1,5})");

    /// Makes a reader; for picocli.
    public Address() {}

    /// Shows an address as a user has written it.
    ///
    /// @param address the address
    /// @return the host and the port
    public static String shown(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }

    @Override
    public InetSocketAddress convert(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > 65_535) {
            throw new TypeConversionException(
                    "expected HOST:PORT, as localhost:4040, got: " + text);
        }
        String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        return new InetSocketAddress(host, Integer.parseInt(matcher.group(3)));
    }
}
