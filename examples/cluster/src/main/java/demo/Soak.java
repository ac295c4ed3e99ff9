package demo;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Three nodes under load. One of them is killed and started again every 20 s. The two others must
/// not grow, and no promise may be broken.
final class Soak {

    /// How many numbers each node sends to each other one every millisecond.
    private static final String LOAD = "load 2";

    private static final Duration PERIOD = Duration.ofSeconds(20);
    private static final List<String> SURVIVORS = List.of("a", "b");
    private static final Pattern MEMORY = Pattern.compile("heap (\\d+) KB, resident (\\d+) KB");

    /// How much more a node may hold in the last third than in the first. Units: KB
    private static final long HEAP_GROWTH = 4_096;

    private static final long RESIDENT_GROWTH = 65_536;

    /// @param heap the live objects, after a garbage collection; units: KB
    /// @param resident units: KB
    private record Memory(long heap, long resident) {}

    private final Lab lab;
    private final List<Memory> all = new ArrayList<>();

    private Soak(Lab lab) {
        this.lab = lab;
    }

    /// Runs, and returns whether all promises were kept and the memory was flat.
    static boolean run(List<String> arguments) throws IOException, InterruptedException {
        Duration time = time(arguments);
        try (Lab lab = new Lab(_ -> {})) {
            lab.startAll();
            for (String name : Lab.NAMES) {
                lab.ask(name, LOAD);
            }
            Soak soak = new Soak(lab);
            soak.run(time);
            soak.checkMemory();
            return true;
        } catch (Broken broken) {
            System.out.println("BROKEN   " + broken.getMessage());
            return false;
        }
    }

    private static Duration time(List<String> arguments) {
        if (arguments.size() == 2
                && arguments.getFirst().equals("--minutes")
                && arguments.getLast().matches("[1-9]\\d{0,6}(\\.\\d+)?")) {
            double minutes = Double.parseDouble(arguments.getLast());
            return Duration.ofMillis((long) (minutes * 60_000));
        }
        throw new IllegalArgumentException(
                "expected --minutes and a number, 1 or more, got: " + arguments);
    }

    private void run(Duration time) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < time.toNanos()) {
            long next = System.nanoTime() + PERIOD.toNanos();
            Events.Mark killed = lab.events.mark();
            lab.kill("c");
            double down = 0;
            for (String name : SURVIVORS) {
                down = Math.max(down, lab.events.await(killed, name, "node c is down"));
            }
            lab.start("c");
            lab.awaitTogether();
            lab.ask("c", LOAD);
            lab.awaitName(DemoNode.SINGLETON);
            Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
            report((System.nanoTime() - start) / 1e9, down);
        }
    }

    private void report(double seconds, double down) throws IOException, InterruptedException {
        StringBuilder line =
                new StringBuilder("%5.0f s  Down after %.2f s".formatted(seconds, down));
        long heap = 0;
        long resident = 0;
        for (String name : Lab.NAMES) {
            String report = lab.ask(name, "check");
            Broken.check(report.startsWith("faults {} "), "node " + name + ": " + report);
        }
        for (String name : SURVIVORS) {
            Memory memory = memory(name);
            heap += memory.heap();
            resident += memory.resident();
            line.append(
                    "  %s: heap %,d KB, resident %,d KB"
                            .formatted(name, memory.heap(), memory.resident()));
        }
        all.add(new Memory(heap / 2, resident / 2));
        System.out.println(line + "  a: " + lab.ask("a", "check").replaceFirst(".*counts ", ""));
    }

    private Memory memory(String name) throws IOException, InterruptedException {
        String answer = lab.ask(name, "memory");
        Matcher memory = MEMORY.matcher(answer);
        Broken.check(memory.matches(), "expected the memory of " + name + ", got: " + answer);
        return new Memory(Long.parseLong(memory.group(1)), Long.parseLong(memory.group(2)));
    }

    private void checkMemory() {
        int third = Math.max(1, all.size() / 3);
        Memory first = median(all.subList(0, third));
        Memory last = median(all.subList(all.size() - third, all.size()));
        String both = "expected flat memory, got: " + first + ", later " + last;
        Broken.check(last.heap() - first.heap() < HEAP_GROWTH, both);
        Broken.check(last.resident() - first.resident() < RESIDENT_GROWTH, both);
        System.out.println("flat     first third: " + first + ", last third: " + last);
    }

    private static Memory median(List<Memory> some) {
        return new Memory(
                some.stream().mapToLong(Memory::heap).sorted().toArray()[some.size() / 2],
                some.stream().mapToLong(Memory::resident).sorted().toArray()[some.size() / 2]);
    }
}
