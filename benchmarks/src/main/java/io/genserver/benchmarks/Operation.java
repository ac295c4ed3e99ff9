package io.genserver.benchmarks;

import java.util.Locale;

/// What is measured, most important first. The name on the command line is the constant's in lower
/// case with dashes.
enum Operation {
    CALL_PROCESS("a process calls a server that is idle"),
    CALL_THREAD("a platform thread calls a server that is idle"),
    CALL_8X1("8 processes call one server; per call"),
    CALL_8X8("8 processes call a server each; per call"),
    CAST_1X1("one process casts, all handled; per cast"),
    CAST_4X1("4 processes cast to one server, all handled; per cast"),
    SEND("one process sends to another, all received; per message"),
    PING_PONG("request and reply by messages between two processes; per round"),
    RING("a message goes round 503 processes; per hop"),
    SPAWN("spawn a process with a monitor, it exits, receive that; in all"),
    START_STOP("start a server and stop it; in all"),
    LINK("link and unlink; both"),
    MONITOR("monitor and demonitor; both"),
    TIMER("arm a timer and cancel it, 100,000 at a time; both"),
    AGENT_GET("read an agent's map from a process"),
    AGENT_UPDATE("change an agent's map from a process"),
    LOOKUP("8 platform threads look up a key in a registry; per lookup"),
    WHEREIS("8 platform threads look up a name; per lookup"),
    IDLE("servers without work: bytes each, and the time to start and stop each"),
    IDLE_SUPERVISED("the same under a dynamic supervisor"),
    MILLION("1,000,000 idle servers in a heap of 512 MB"),
    OUTSIDE_2("a platform thread's call while 2 pairs keep all cores busy"),
    OUTSIDE_8("a platform thread's call while 8 pairs keep all cores busy"),
    OUTSIDE_64("a platform thread's call while 64 pairs keep all cores busy"),
    RESTART("from a server's crash to the answer of the restarted one"),
    SAVINA_PING_PONG("Savina 1: 40,000 pings"),
    SAVINA_COUNTING("Savina 2: 1,000,000 messages"),
    SAVINA_THROUGHPUT("Savina 3: 10,000 messages to each of 60"),
    SAVINA_FORK_JOIN("Savina 4: 40,000 processes created"),
    SAVINA_THREAD_RING("Savina 5: 100,000 hops round 100"),
    SAVINA_CHAMENEOS("Savina 6: 200,000 meetings of 100 chameneos"),
    SAVINA_BIG("Savina 7: 120 with 20,000 pings each"),
    SAVINA_DICTIONARY("Savina 8: 20 workers with 10,000 requests each to a dictionary"),
    SAVINA_SORTED_LIST("Savina 9: 20 workers with 8,000 requests each to a sorted list"),
    SAVINA_BUFFER("Savina 10: 40 producers of 1,000 items, 40 consumers, a buffer of 50"),
    SAVINA_PHILOSOPHERS("Savina 11: 20 philosophers with 10,000 rounds each"),
    SAVINA_BARBER("Savina 12: 5,000 haircuts, a room for 1,000"),
    SAVINA_SMOKERS("Savina 13: 1,000 rounds of 200 smokers"),
    SAVINA_LOGISTIC_MAP("Savina 14: 25,000 terms of 10 series"),
    SAVINA_BANK("Savina 15: 50,000 transfers between 1,000 accounts"),
    SAVINA_SIEVE("Savina 18: the primes to 100,000, 1,000 in each"),
    SAVINA_FIBONACCI("Savina 30: fib(25), a process for each call"),
    SKYNET("a tree of 1,000,000 leaves, ten children each; the sum");

    private final String title;

    Operation(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The heap of every contestant's JVM for this operation.
    String heap() {
        return this == MILLION ? "512m" : "2g";
    }

    static Operation of(String id) {
        for (Operation operation : values()) {
            if (operation.id().equals(id)) {
                return operation;
            }
        }
        throw new IllegalArgumentException("expected the name of an operation, got: " + id);
    }
}
