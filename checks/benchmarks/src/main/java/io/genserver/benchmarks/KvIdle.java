package io.genserver.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Measures what idle connections cost kv. Each has been used once.
final class KvIdle {

    private KvIdle() {}

    /// Measures and prints the memory.
    ///
    /// @param arguments the directory of the packaged kv, and the number of connections
    public static void main(String[] arguments) throws Exception {
        int count = Argument.whole(arguments[1], "connections", 1);
        String most = Integer.toString(count + 1);
        try (Service kv = Service.kv(Path.of(arguments[0]), "--max-connections", most)) {
            List<KvLine> lines = new ArrayList<>();
            try (KvLine first = new KvLine(kv.socketAddress())) {
                use(first);
            }
            long heap = kv.liveHeap();
            long resident = kv.resident();
            for (int i = 0; i < count; i++) {
                KvLine line = new KvLine(kv.socketAddress());
                lines.add(line);
                use(line);
            }
            print(count, "heap", heap, kv.liveHeap());
            print(count, "resident", resident, kv.resident());
            for (KvLine line : lines) {
                use(line);
                line.close();
            }
        }
    }

    private static void use(KvLine line) throws Exception {
        line.expect("CREATE idle", "OK");
        line.expect("PUT idle key value", "OK");
        line.expect("GET idle key", "value", "OK");
    }

    private static void print(int count, String memory, long before, long after) {
        System.out.printf(
                Locale.ROOT,
                "%-8s  %.1f MB without and %.1f MB with %d idle connections: %.2f KB each%n",
                memory,
                before / 1e6,
                after / 1e6,
                count,
                (after - before) / 1e3 / count);
    }
}
