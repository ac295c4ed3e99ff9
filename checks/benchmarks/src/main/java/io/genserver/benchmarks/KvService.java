package io.genserver.benchmarks;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kv.load.LoadCommand;
import picocli.CommandLine;

/// Compares kv with the guide's server in Elixir and with Redis, all under the load of `kv load`.
final class KvService {

    /// Connections, and requests of each that wait for their answers.
    private record Shape(int connections, int depth) {}

    /// One run: the rate and the latencies. Units: ms.
    private record Figures(double rate, double p50, double p99, double p999) {
        String cell() {
            return String.format(
                    Locale.ROOT, "%.0f k; %.2f / %.1f / %.1f", rate / 1_000, p50, p99, p999);
        }
    }

    private static final List<Shape> SHAPES =
            List.of(
                    new Shape(16, 1),
                    new Shape(64, 1),
                    new Shape(1, 16),
                    new Shape(16, 16),
                    new Shape(64, 16));

    /// The longest time before each measurement.
    private static final double WARM_UP = 1; // units: s

    private final double seconds;

    private KvService(double seconds) {
        this.seconds = seconds;
    }

    /// Measures and prints a table.
    ///
    /// @param arguments the directory of the packaged kv, the program in Elixir, the seconds of
    ///   each measurement, and the number of rounds
    public static void main(String[] arguments) throws Exception {
        double seconds = Argument.decimal(arguments[2], "seconds", 0.001);
        int rounds = Argument.whole(arguments[3], "rounds", 1);
        System.out.print(Machine.describe());
        List<Service> services = new ArrayList<>();
        try {
            services.add(Service.kv(Path.of(arguments[0])));
            add(services, "Elixir", "elixir", Service.elixir(Path.of(arguments[1])));
            add(services, "Redis", "redis-server", Service.redis());
            new KvService(seconds).run(services, rounds);
        } finally {
            for (Service service : services) {
                service.close();
            }
        }
    }

    private static void add(
            List<Service> to, String name, String package_, Optional<Service> service) {
        service.ifPresentOrElse(
                to::add,
                () ->
                        System.out.printf(
                                "%s is not installed and left out; apt install %s%n",
                                name, package_));
    }

    private void run(List<Service> services, int rounds) {
        for (Service service : services) {
            load(service, SHAPES.getLast()); // also compiles what the servers run
        }
        Map<Shape, Map<Service, List<Figures>>> all = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Shape shape : SHAPES) {
                for (Service service : services) {
                    all.computeIfAbsent(shape, _ -> new LinkedHashMap<>())
                            .computeIfAbsent(service, _ -> new ArrayList<>())
                            .add(load(service, shape));
                }
            }
        }
        print(services, all, rounds);
    }

    /// Runs `kv load`, always in this JVM, which compiles it only once.
    ///
    /// @throws AssertionError if an answer was wrong, refused or lost
    private Figures load(Service service, Shape shape) {
        StringWriter output = new StringWriter();
        int status =
                new CommandLine(new LoadCommand())
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .setOut(new PrintWriter(output))
                        .execute(
                                service.address(),
                                "--protocol=" + service.protocol(),
                                "--connections=" + shape.connections(),
                                "--depth=" + shape.depth(),
                                "--warm-up=" + milliseconds(Math.min(WARM_UP, seconds)),
                                "--duration=" + milliseconds(seconds),
                                "--json");
        String json = output.toString();
        Work.check(status == 0, "right answers from " + service.name(), json);
        return new Figures(
                number(json, "rate"),
                number(json, "p50_ms"),
                number(json, "p99_ms"),
                number(json, "p99_9_ms"));
    }

    private static String milliseconds(double seconds) {
        return (long) Math.ceil(seconds * 1_000) + "ms";
    }

    private static double number(String json, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\":([0-9.]+)").matcher(json);
        Work.check(matcher.find(), name, json);
        return Double.parseDouble(matcher.group(1));
    }

    private void print(
            List<Service> services, Map<Shape, Map<Service, List<Figures>>> all, int rounds) {
        System.out.printf(
                Locale.ROOT,
                "Requests in a second; p50 / p99 / p99.9 in ms. Medians of %d rounds of %.1f s, half"
                        + " GET, half PUT, 10,000 keys, 16 bytes%n%n",
                rounds,
                seconds);
        StringBuilder head = new StringBuilder("| connections × depth |");
        services.forEach(service -> head.append(' ').append(service.name()).append(" |"));
        services.stream()
                .skip(1)
                .forEach(other -> head.append(" kv / ").append(other.name()).append(" |"));
        System.out.println(head);
        System.out.println("|---".repeat(2 * services.size()) + "|");
        all.forEach((shape, runs) -> {
            StringBuilder line = new StringBuilder("| ");
            line.append(shape.connections()).append(" × ").append(shape.depth()).append(" |");
            runs.forEach(
                    (_, figures) -> line.append(' ').append(medians(figures).cell()).append(" |"));
            List<Figures> ours = runs.get(services.getFirst());
            runs.forEach((service, figures) -> {
                if (service != services.getFirst() && ours != null) {
                    line.append(String.format(Locale.ROOT, " %.2f |", ratio(ours, figures)));
                }
            });
            System.out.println(line);
        });
    }

    private static Figures medians(List<Figures> figures) {
        return new Figures(
                median(figures.stream().map(Figures::rate).toList()),
                median(figures.stream().map(Figures::p50).toList()),
                median(figures.stream().map(Figures::p99).toList()),
                median(figures.stream().map(Figures::p999).toList()));
    }

    /// Returns the median of the ratios of the rounds, because a round's runs share what else the
    /// machine did.
    private static double ratio(List<Figures> ours, List<Figures> theirs) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            ratios.add(ours.get(i).rate() / theirs.get(i).rate());
        }
        return median(ratios);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        int size = sorted.size();
        return (sorted.get(size / 2) + sorted.get((size - 1) / 2)) / 2;
    }
}
