package io.genserver.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Collects the figures and renders them as a table and as a CSV file.
final class Results {

    /// A row of the table.
    ///
    /// @param measure the name of the figure, empty if the operation has only one
    private record Row(Operation operation, String measure) {
        String name() {
            return operation.id() + (measure.isEmpty() ? "" : " " + measure);
        }

        Kind kind() {
            if (measure.endsWith("bytes")) {
                return Kind.BYTES;
            }
            return measure.endsWith("samples") || measure.equals("threads")
                    ? Kind.COUNT
                    : Kind.TIME;
        }
    }

    private enum Kind {
        TIME("ns"),
        BYTES("bytes"),
        COUNT("count");

        private final String unit;

        Kind(String unit) {
            this.unit = unit;
        }
    }

    /// The values of all rounds in ascending order, at least one.
    private record Values(List<Double> sorted) {
        double median() {
            return Results.median(sorted);
        }
    }

    static double median(List<Double> sorted) {
        int size = sorted.size();
        return (sorted.get(size / 2) + sorted.get((size - 1) / 2)) / 2;
    }

    private final Map<Row, Map<Contestant, List<Double>>> values = new LinkedHashMap<>();
    private final Map<Operation, Map<Contestant, String>> failures = new TreeMap<>();

    void add(Operation operation, Contestant contestant, Map<String, Double> measured) {
        measured.forEach((measure, value) ->
                values.computeIfAbsent(
                                new Row(operation, measure), _ -> new EnumMap<>(Contestant.class))
                        .computeIfAbsent(contestant, _ -> new ArrayList<>())
                        .add(value));
    }

    boolean hasFailed(Operation operation, Contestant contestant) {
        return failures.getOrDefault(operation, Map.of()).containsKey(contestant);
    }

    void failed(Operation operation, Contestant contestant, String why) {
        failures.computeIfAbsent(operation, _ -> new EnumMap<>(Contestant.class))
                .put(contestant, why);
    }

    private Set<Contestant> contestants() {
        Set<Contestant> all = new TreeSet<>();
        values.values().forEach(row -> all.addAll(row.keySet()));
        failures.values().forEach(row -> all.addAll(row.keySet()));
        return all;
    }

    private @Nullable Values of(Row row, Contestant contestant) {
        List<Double> all = values.getOrDefault(row, Map.of()).get(contestant);
        if (all == null) {
            return null;
        }
        List<Double> sorted = new ArrayList<>(all);
        Collections.sort(sorted);
        return new Values(sorted);
    }

    /// Returns a Markdown table. A cell is: median (least–greatest) ×ratio to ours.
    ///
    /// @param others the text of each column whose contestant took no part
    String table(Map<Contestant, String> others) {
        Set<Contestant> columns = contestants();
        List<List<String>> lines = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("operation"));
        columns.forEach(contestant -> head.add(contestant.id()));
        others.forEach((contestant, _) -> head.add(contestant.id()));
        lines.add(head);
        values.keySet().stream()
                .sorted((one, two) -> one.operation().compareTo(two.operation()))
                .forEach(row -> lines.add(line(row, columns, others)));
        failures.forEach((operation, why) -> {
            if (values.keySet().stream().noneMatch(row -> row.operation() == operation)) {
                lines.add(line(new Row(operation, ""), columns, others));
            }
        });
        return aligned(lines);
    }

    private List<String> line(Row row, Set<Contestant> columns, Map<Contestant, String> others) {
        Values ours = of(row, Contestant.OURS);
        List<String> line = new ArrayList<>(List.of(row.name()));
        for (Contestant contestant : columns) {
            Values mine = of(row, contestant);
            String failure = failures.getOrDefault(row.operation(), Map.of()).get(contestant);
            if (mine == null) {
                line.add(failure == null ? "–" : failure);
            } else {
                String figures = cell(mine, row.kind()) + ratio(row, contestant, mine, ours);
                line.add(failure == null ? figures : figures + ", then " + failure);
            }
        }
        others.forEach((_, text) -> line.add(text));
        return line;
    }

    /// Returns a line for each contestant of this library, which compares it with Pekko on the
    /// Savina suite. There is none without figures of both.
    String savina() {
        StringBuilder lines = new StringBuilder();
        for (Contestant mine : List.of(Contestant.OURS, Contestant.OURS_NB)) {
            List<Double> ratios = new ArrayList<>();
            for (Row row : values.keySet()) {
                Values ours = of(row, mine);
                Values pekkos = of(row, Contestant.PEKKO);
                if (row.operation().isSavina() && ours != null && pekkos != null) {
                    ratios.add(pekkos.median() / ours.median());
                }
            }
            if (!ratios.isEmpty()) {
                lines.append(
                        String.format(
                                Locale.ROOT,
                                "Savina: %s ahead of pekko in %d of %d, geometric mean ×%s%n",
                                mine.id(),
                                ratios.stream().filter(ratio -> ratio > 1).count(),
                                ratios.size(),
                                number(geometricMean(ratios))));
            }
        }
        return lines.toString();
    }

    private static double geometricMean(List<Double> all) {
        return Math.exp(all.stream().mapToDouble(Math::log).average().orElseThrow());
    }

    private static String ratio(
            Row row, Contestant contestant, Values mine, @Nullable Values ours) {
        return ours == null
                        || ours.median() == 0
                        || contestant == Contestant.OURS
                        || row.kind() == Kind.COUNT
                ? ""
                : " ×" + number(mine.median() / ours.median());
    }

    private record Unit(String name, double size) {}

    private static String cell(Values values, Kind kind) {
        Unit unit =
                switch (kind) {
                    case TIME -> unit(values.median());
                    case BYTES -> new Unit(" B", 1);
                    case COUNT -> new Unit("", 1);
                };
        return number(values.median() / unit.size())
                + unit.name()
                + " ("
                + number(values.sorted().getFirst() / unit.size())
                + "–"
                + number(values.sorted().getLast() / unit.size())
                + ")";
    }

    private static Unit unit(double nanos) {
        if (nanos < 2e3) {
            return new Unit(" ns", 1);
        }
        return nanos < 2e6 ? new Unit(" µs", 1e3) : new Unit(" ms", 1e6);
    }

    /// Formats a value with about three significant digits.
    static String number(double value) {
        if (value == 0) {
            return "0";
        }
        int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : value >= 0.1 ? 3 : 4;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    private static String aligned(List<List<String>> lines) {
        StringBuilder table = new StringBuilder();
        int columns = lines.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> line : lines) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (List<String> line : lines) {
            for (int i = 0; i < columns; i++) {
                String cell = line.get(i);
                table.append("| ").append(cell).append(" ".repeat(widths[i] - cell.length() + 1));
            }
            table.append("|\n");
            if (line == lines.getFirst()) {
                for (int width : widths) {
                    table.append("|").append("-".repeat(width + 2));
                }
                table.append("|\n");
            }
        }
        return table.toString();
    }

    String csv() {
        StringBuilder csv =
                new StringBuilder(
                        "operation,measure,unit,contestant,rounds,median,min,max,ratio\n");
        for (Row row : values.keySet()) {
            Values ours = of(row, Contestant.OURS);
            for (Contestant contestant : contestants()) {
                Values mine = of(row, contestant);
                if (mine != null) {
                    csv.append(row.operation().id()).append(',');
                    csv.append(row.measure()).append(',');
                    csv.append(row.kind().unit).append(',');
                    csv.append(contestant.id()).append(',');
                    csv.append(mine.sorted().size()).append(',');
                    csv.append(mine.median()).append(',');
                    csv.append(mine.sorted().getFirst()).append(',');
                    csv.append(mine.sorted().getLast()).append(',');
                    csv.append(ours == null ? "" : mine.median() / ours.median()).append('\n');
                }
            }
        }
        return csv.toString();
    }
}
