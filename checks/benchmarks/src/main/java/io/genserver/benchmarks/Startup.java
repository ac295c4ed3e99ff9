package io.genserver.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// Measures the time from launching the packaged kv to its first answer, with and without its AOT
/// cache.
final class Startup {

    private static final String COMMAND = "create shopping\n";
    private static final String ANSWER = "ok";

    private Startup() {}

    /// Measures and prints the times.
    ///
    /// @param arguments the directory of the packaged kv, and the number of runs of each kind
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path home = Path.of(arguments[0]);
        int runs = Argument.whole(arguments[1], "runs", 1);
        Path cache = home.resolve("kv.aot");
        Work.check(Files.isReadable(cache), "a cache at " + cache, "none");
        List<Double> with = new ArrayList<>();
        List<Double> without = new ArrayList<>();
        run(home, "");
        run(home, "-XX:AOTMode=off");
        for (int i = 0; i < runs; i++) {
            with.add(run(home, ""));
            without.add(run(home, "-XX:AOTMode=off"));
        }
        System.out.print(Machine.describe());
        System.out.println(
                "kv from launch to first answer, median (least–greatest) of "
                        + runs
                        + " runs each, alternating:");
        System.out.println("with the AOT cache:    " + summary(with));
        System.out.println("without the AOT cache: " + summary(without));
    }

    /// Returns the time of one run. Units: ms.
    private static double run(Path home, String options) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(home.resolve("bin/kv").toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("KV_JAVA_OPTIONS", options);
        long begin = System.nanoTime();
        Process kv = builder.start();
        String answer;
        double time;
        try (OutputStream to = kv.getOutputStream();
                BufferedReader from =
                        new BufferedReader(
                                new InputStreamReader(
                                        kv.getInputStream(), StandardCharsets.UTF_8))) {
            to.write(COMMAND.getBytes(StandardCharsets.UTF_8));
            to.flush();
            answer = from.readLine();
            time = (System.nanoTime() - begin) / 1e6;
        }
        Work.check(ANSWER.equals(answer), ANSWER, String.valueOf(answer));
        Work.check(
                kv.waitFor(10, TimeUnit.SECONDS),
                "kv to end with its input",
                "a kv that still runs");
        Work.checkCount(0, kv.exitValue());
        return time;
    }

    private static String summary(List<Double> times) {
        Collections.sort(times);
        return String.format(
                Locale.ROOT,
                "%.0f ms (%.0f–%.0f)",
                Results.median(times),
                times.getFirst(),
                times.getLast());
    }
}
