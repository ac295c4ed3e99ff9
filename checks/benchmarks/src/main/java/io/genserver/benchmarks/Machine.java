package io.genserver.benchmarks;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Describes the machine and the versions of the contestants.
final class Machine {

    private Machine() {}

    /// Returns the machine, its load and its JDK.
    static String describe() {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return String.format(
                Locale.ROOT,
                """
                %d cores (%s), %s %s, load %.1f at the start
                JDK %s
                """,
                Runtime.getRuntime().availableProcessors(),
                processor(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                load,
                Runtime.version());
    }

    /// Returns the versions of the contestants.
    ///
    /// @param beam whether Erlang is installed
    static String contestants(boolean beam) throws IOException, InterruptedException {
        return String.format(
                "Pekko typed %s, Vert.x %s, JCTools %s, Erlang/OTP %s%n",
                version("pekko-actor-typed_2.13"),
                version("vertx-core"),
                version("jctools-core"),
                beam ? otp() : "not installed");
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException notLinux) {
            return "unknown";
        }
    }

    /// Returns the version in the file name of a library's jar.
    private static String version(String library) {
        Pattern jar = Pattern.compile(Pattern.quote(library) + "-(\\d.*)\\.jar");
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Matcher matcher = jar.matcher(Objects.toString(Path.of(entry).getFileName(), ""));
            if (matcher.matches()) {
                return matcher.group(1);
            }
        }
        return "unknown";
    }

    private static String otp() throws IOException, InterruptedException {
        String print =
                "io:format(\"~s (~s)\", [erlang:system_info(otp_release),"
                        + " erlang:system_info(emu_flavor)]), halt().";
        Process erl = new ProcessBuilder("erl", "-noshell", "-eval", print).start();
        String text = new String(erl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        erl.waitFor();
        return text;
    }
}
