package io.genserver.observer;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The parameters of a request.
record Query(Map<String, String> parameters) {

    /// A parameter has a value that its screen does not know.
    static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Wrong(String message) {
            super(message);
        }
    }

    /// @throws Wrong if the text cannot be decoded
    static Query of(@Nullable String raw) {
        Map<String, String> parameters = new HashMap<>();
        for (String each : raw == null || raw.isEmpty() ? new String[0] : raw.split("&", -1)) {
            int equals = each.indexOf('=');
            if (equals > 0) {
                parameters.put(
                        decode(each.substring(0, equals)), decode(each.substring(equals + 1)));
            }
        }
        return new Query(parameters);
    }

    private static String decode(String raw) {
        try {
            return URLDecoder.decode(raw, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw new Wrong("expected a query of escaped characters, got: " + raw);
        }
    }

    String text(String name) {
        return parameters.getOrDefault(name, "");
    }

    /// @throws Wrong if the number is not in the range
    long number(String name, long standard, long least, long most) {
        String text = text(name);
        if (text.isEmpty()) {
            return standard;
        }
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException _) { // as below
        }
        throw new Wrong(
                "expected %s to be from %d to %d, got: %s".formatted(name, least, most, text));
    }

    /// Returns the number of the process that the request is about.
    long process() {
        return number("id", 0, 0, Long.MAX_VALUE);
    }

    Set<String> list(String name) {
        return Arrays.stream(text(name).split(",", -1)).collect(Collectors.toSet());
    }

    /// @throws Wrong if there is no such constant
    <E extends Enum<E>> E choice(String name, E standard) {
        String text = text(name);
        for (E each : standard.getDeclaringClass().getEnumConstants()) {
            if (each.name().equalsIgnoreCase(text)) {
                return each;
            }
        }
        if (text.isEmpty()) {
            return standard;
        }
        throw new Wrong(
                "expected %s to be one of %s, got: %s"
                        .formatted(
                                name,
                                Arrays.toString(standard.getDeclaringClass().getEnumConstants()),
                                text));
    }
}
