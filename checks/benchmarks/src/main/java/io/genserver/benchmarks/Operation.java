package io.genserver.benchmarks;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The operations, most important first. The name on the command line is the constant's in lower
/// case with dashes.
enum Operation {
    CALL_PROCESS("a process calls an idle server"),
    CALL_THREAD("a platform thread calls an idle server"),
    CALL_8X1("8 processes call one server; per call"),
    CALL_8X8("8 processes call one server each; per call"),
    CAST_1X1("one process casts until all are handled; per cast"),
    CAST_4X1("4 processes cast to one server until all are handled; per cast"),
    SEND("one process sends to another until all are received; per message"),
    PING_PONG("two processes exchange a request and a reply as messages; per round"),
    REQUEST_REPLY("a process and a server exchange a request and a reply as messages; per round"),
    RING("a message goes round a ring of 503 processes; per hop"),
    SERVER_PING_PONG("two servers cast to each other; per round"),
    SERVER_RING("a cast goes round a ring of 503 servers; per hop"),
    MIXED_1CALL_1CAST("a process casts to a server, then calls it; per message"),
    MIXED_1CALL_9CASTS("a process casts to a server nine times, then calls it; per message"),
    MIXED_8X8_1CALL_1CAST("mixed-1call-1cast by 8 processes, each with its own server"),
    MIXED_8X8_1CALL_9CASTS("mixed-1call-9casts by 8 processes, each with its own server"),
    SPAWN("spawn a process with a monitor, wait for its end; in total"),
    START_STOP("start a server and stop it; in total"),
    LINK("link and unlink; both"),
    MONITOR("monitor and demonitor; both"),
    TIMER("arm a timer and cancel it, 100,000 at a time; both"),
    TIMERS_MILLION("arm 1,000,000 timers, then cancel them; per timer"),
    TIMER_ACCURACY("how late 2,000 timers of 1 to 100 ms fire, all armed within a second"),
    AGENT_GET("a process reads an agent's map"),
    AGENT_UPDATE("a process changes an agent's map"),
    LOOKUP("8 platform threads look up a key in a registry; per lookup"),
    WHEREIS("8 platform threads look up a name; per lookup"),
    IDLE("100,000 idle servers: bytes, start time and stop time; per server"),
    IDLE_SUPERVISED("the same under a dynamic supervisor"),
    IDLE_NAMED("the same, each server registered under a name"),
    IDLE_CPU("CPU time per second of 100,000 idle servers, each used once before"),
    MILLION("1,000,000 idle servers in a heap of 512 MB; no limit for the BEAM"),
    ACTIVE_100000("8 processes call and cast to 100,000 servers at random"),
    CALL_MDC("a process calls a server, without and with an entry in the MDC"),
    OUTSIDE_2("a platform thread's call, a timer and a socket while 2 pairs keep all cores busy"),
    OUTSIDE_8("the same with 8 pairs"),
    OUTSIDE_64("the same with 64 pairs"),
    INSIDE_64("64 processes call one server each, nothing else runs; per call"),
    BEHIND_BLOCKED(
            "until a server handles a cast sent just before a turn blocks 30 ms in a socket"),
    BLOCKED_1000("8 processes call 1,000 servers, alone and beside 1,000 that block in sockets"),
    RESTART("from a server's crash to the first answer of the restarted server"),
    ALLOC_CALL("bytes allocated by a call from a process", CALL_PROCESS),
    ALLOC_CAST("bytes allocated by a cast", CAST_1X1),
    ALLOC_SEND("bytes allocated by a message", SEND),
    ALLOC_SPAWN("bytes allocated by a spawn with a monitor", SPAWN),
    ALLOC_START_STOP("bytes allocated by a start and a stop", START_STOP),
    SAVINA_PING_PONG("Savina 1: 40,000 pings"),
    SAVINA_COUNTING("Savina 2: 1,000,000 messages"),
    SAVINA_THROUGHPUT("Savina 3: 10,000 messages to each of 60"),
    SAVINA_FORK_JOIN("Savina 4: 40,000 processes created"),
    SAVINA_THREAD_RING("Savina 5: 100,000 hops in a ring of 100"),
    SAVINA_CHAMENEOS("Savina 6: 200,000 meetings of 100 chameneos"),
    SAVINA_BIG("Savina 7: 120 processes with 20,000 pings each"),
    SAVINA_DICTIONARY("Savina 8: 20 workers with 10,000 requests each to a dictionary"),
    SAVINA_SORTED_LIST("Savina 9: 20 workers with 8,000 requests each to a sorted list"),
    SAVINA_BUFFER("Savina 10: 40 producers of 1,000 items, 40 consumers, a buffer of 50"),
    SAVINA_PHILOSOPHERS("Savina 11: 20 philosophers with 10,000 rounds each"),
    SAVINA_BARBER("Savina 12: 5,000 haircuts, a waiting room for 1,000"),
    SAVINA_SMOKERS("Savina 13: 1,000 rounds of 200 smokers"),
    SAVINA_LOGISTIC_MAP("Savina 14: 25,000 terms of 10 series"),
    SAVINA_BANK("Savina 15: 50,000 transfers between 1,000 accounts"),
    SAVINA_SIEVE("Savina 18: the primes below 100,000, 1,000 in each filter"),
    SAVINA_FIBONACCI("Savina 30: fib(25), a process for each call"),
    SKYNET("the sum of a tree of 1,000,000 leaves, ten children to a node");

    /// The number of processes in a ring.
    static final int RING_SIZE = 503;

    /// The number of hops in a batch, a hundred rounds.
    static final int RING_HOPS = 100 * RING_SIZE;

    private final String title;
    private final @Nullable Operation base; // whose allocation is measured

    Operation(String title) {
        this.title = title;
        this.base = null;
    }

    Operation(String title, Operation base) {
        this.title = title;
        this.base = base;
    }

    String title() {
        return title;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// Returns the heap size of every contestant's JVM for this operation.
    String heap() {
        return this == MILLION ? "512m" : "768m";
    }

    /// Returns how many warm-up times it needs. A restart runs code that is compiled late, because
    /// little of it is run more than once per restart.
    int warmUps() {
        return this == RESTART ? 5 : 1;
    }

    /// Returns whether the bytes are measured that another operation allocates, not a time.
    boolean isAllocation() {
        return base != null;
    }

    boolean isSavina() {
        return name().startsWith("SAVINA_");
    }

    /// Returns the operation whose allocation is measured, or itself if a time is measured.
    Operation base() {
        return base == null ? this : base;
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
