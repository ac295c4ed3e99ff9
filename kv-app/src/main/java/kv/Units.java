package kv;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Options with units, such as `30s` and `64k`.
public final class Units {

    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,9})([a-z]*)");

    private static final Map<String, Long> MILLISECONDS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);

    private static final Map<String, Long> BYTES =
            Map.of("", 1L, "k", 1L << 10, "m", 1L << 20, "g", 1L << 30);

    private static final long LONGEST = Duration.ofDays(366).toMillis();

    private Units() {}

    /// Reads a time: a whole number with `ms`, `s`, `m` or `h`, or 0.
    public static final class Time implements ITypeConverter<Duration> {

        /// Makes a reader; for picocli.
        public Time() {}

        @Override
        public Duration convert(String text) {
            return text.equals("0")
                    ? Duration.ZERO
                    : read(text, MILLISECONDS)
                            .filter(millis -> millis <= LONGEST)
                            .map(Duration::ofMillis)
                            .orElseThrow(() ->
                                    wrong(
                                            "a time such as 500ms, 30s, 5m or 1h, at most 8784h",
                                            text));
        }
    }

    /// Reads a number of bytes: a whole number, alone or with `k`, `m` or `g`.
    public static final class Size implements ITypeConverter<Long> {

        /// Makes a reader; for picocli.
        public Size() {}

        @Override
        public Long convert(String text) {
            return read(text, BYTES)
                    .orElseThrow(() -> wrong("a size such as 512, 64k, 10m or 2g", text));
        }
    }

    private static Optional<Long> read(String text, Map<String, Long> units) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text.toLowerCase(Locale.ROOT));
        return matcher.matches()
                ? Optional.ofNullable(units.get(matcher.group(2)))
                        .map(unit -> Long.parseLong(matcher.group(1)) * unit)
                : Optional.empty();
    }

    private static TypeConversionException wrong(String expected, String got) {
        return new TypeConversionException("expected " + expected + ", got: " + got);
    }
}
