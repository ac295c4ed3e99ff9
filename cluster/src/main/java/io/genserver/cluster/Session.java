package io.genserver.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What this node agrees with one member, without I/O, threads or a clock of its own. The caller
/// makes one call at a time and passes the time; the session tells it what to do by [Effects].
///
/// ```
/// DOWN --member--> HELLO --proof and ready--> UP
///  ^  \--pause over--^  ^---- any loss ------/ |
///  +------ refused or no member ---------------+
/// ```
///
/// # Epochs
///
/// Each side numbers its attempts with an epoch that it never uses twice. A pair of epochs is one
/// connection. A side leaves an epoch behind when it goes from UP to anything else, and it never
/// comes back to the pair. So both sides agree about a loss: the side that has lost the connection
/// shows its new epoch in the next hello, and answers each packet of the old pair with a reset. The
/// other side then loses the connection too, whatever its engine says.
///
/// # Handshake
///
/// Each side sends a hello with a random nonce. It answers the hello of the other side with a
/// proof: a code over both hellos that only an owner of the cookie can make. It says ready when the
/// proof of the other side is right. It is up when it is told that its own proof was right. So
/// neither side sends a signal before both are sure, and a recorded packet proves nothing, because
/// its nonce is not that of this attempt.
///
/// A hello says which hello of the other side its sender knows. If that is not the current one, the
/// receiver repeats its own.
///
/// # Ticks
///
/// The engine may report a member that cannot reach this node, for example because a third node
/// reaches both. So each side sends a tick while it has nothing else to send, [#TICKS] times in the
/// tick time of the other side. A peer that is silent for the tick time is lost. Only time counts
/// in which this node could listen: between two calls of [#tick] at most the time of one tick
/// passes, and none passes while a packet of the peer is handled.
final class Session {

    static final int VERSION = 1;

    /// How long an attempt may take before the next one starts.
    static final Duration HELLO_LIMIT = Duration.ofSeconds(5);

    /// How long a member is ignored that could not prove that it has the cookie.
    static final Duration BAN = Duration.ofSeconds(30);

    /// How long nothing is tried with a member that sent something wrong after it had proved that
    /// it has the cookie.
    static final Duration PAUSE = Duration.ofSeconds(1);

    /// How many ticks a peer sends in the time for which it may be silent.
    static final int TICKS = 4;

    /// What a session does to the world.
    interface Effects {

        /// Returns a number that is greater than all before. It is never returned twice on this
        /// node.
        long nextEpoch();

        /// Returns random bytes that nobody can guess.
        byte[] nextNonce();

        /// Sends a packet to the member, after all that were sent before.
        void send(Packet packet);

        /// Sends a tick to the member, unless something else has been sent since the last one or is
        /// going to be sent.
        void sendTick(Packet.Tick tick);

        /// Lets the engine make the way to the member anew, because nothing comes through.
        void renew();

        /// Tells whether another member has the name.
        boolean isTaken(String name);

        /// Starts a connection. Its packets have the epochs of the hellos.
        ///
        /// @return false if another member has taken the name in the meantime
        boolean up(Packet.Hello self, Packet.Hello peer, Packet.Features features);

        /// Ends the connection.
        void down(String why);

        /// Handles the signals of a packet of the current connection.
        void deliver(FrameReader signals);

        /// Logs something that somebody has to know.
        void warn(String message);
    }

    /// What this node is, and what it takes.
    ///
    /// @param maxSignal the longest signal; units: bytes
    /// @param tickTime how long a peer may be silent
    record Self(
            String name,
            long incarnation,
            Cookies cookies,
            int maxSignal,
            Duration tickTime,
            PayloadTypes types) {

        private Packet.Features features() {
            return new Packet.Features(
                    maxSignal, Math.toIntExact(tickTime.toMillis()), types.fingerprints());
        }
    }

    private enum State {
        DOWN,
        HELLO,
        UP
    }

    private final Self self;
    private final Effects effects;
    private State state = State.DOWN;
    private boolean isMember;

    /// Whether nothing is tried, and until when. Units: ns.
    private boolean isPaused;

    private boolean isBanned;
    private long pausedUntil;

    /// When the attempt, or the memory of an early hello, ends. Units: ns.
    private long deadline;

    /// The hello of the current attempt. Its epoch stays in use while the session is down.
    private Packet.@Nullable Hello own;

    /// The hello of the peer that this side has answered.
    private Packet.@Nullable Hello peer;

    /// A hello that came before the peer was a member.
    private Packet.@Nullable Hello early;

    /// The proof of the peer, if it was right.
    private Packet.@Nullable Proof proof;

    /// The greatest epoch of the peer that a hello has shown.
    private long greatest;

    /// For how long the peer has been silent while this node listened. Units: ns.
    private long silent;

    /// Whether the last connection was lost because the peer was silent.
    private boolean wasSilent;

    /// When [#tick] was called last, and when the next tick is due. Units: ns.
    private long ticked;

    private long nextTick;
    private long stale;
    private String lastRefusal = "";

    Session(Self self, Effects effects) {
        this.self = self;
        this.effects = effects;
    }

    boolean isUp() {
        return state == State.UP;
    }

    /// Tells whether nothing has to be remembered of the member.
    boolean isIdle() {
        return !isMember && !isPaused && early == null;
    }

    /// Returns how many packets of lost connections have come.
    long stale() {
        return stale;
    }

    /// The engine has reported the member.
    void joined(long now) {
        isMember = true;
        if (state == State.DOWN && !isPaused) {
            begin(now);
        }
    }

    /// The engine has reported that the member is gone. It may live, and still reach this node or
    /// be reached by it, so it is told.
    void left() {
        isMember = false;
        early = null;
        boolean wasUp = state == State.UP;
        goDown("the member is gone");
        state = State.DOWN;
        if (wasUp) {
            effects.send(new Packet.Reset(own().from(), greatest));
        }
    }

    /// The member was cut off or paused.
    void merged(long now) {
        goDown("the member was cut off or paused");
        isMember = true;
        if (!isPaused) {
            begin(now);
        }
    }

    /// Ends the connection because the node wants that.
    void disconnect(String why, long now) {
        if (state == State.UP) {
            pause(why, PAUSE, now);
        }
    }

    /// Ends the connection because of what the peer sent, or did not take.
    void fail(String why, long now) {
        if (state == State.UP) {
            refuse(why, PAUSE, now);
        }
    }

    /// The node leaves the cluster.
    void close() {
        isMember = false;
        goDown("this node leaves the cluster");
        state = State.DOWN;
    }

    /// Time has passed.
    void tick(long now) {
        if (isPaused && now - pausedUntil >= 0) {
            isPaused = false;
            isBanned = false;
        }
        if (isMember) {
            if (state == State.UP) {
                listen(now);
            } else if (state == State.HELLO && now - deadline >= 0) {
                if (wasSilent) {
                    effects.renew();
                }
                begin(now);
            } else if (state == State.DOWN && !isPaused) {
                begin(now);
            }
        } else if (early != null && now - deadline >= 0) {
            early = null;
        }
    }

    private void listen(long now) {
        long time = self.tickTime().toNanos();
        silent += Math.min(now - ticked, time / TICKS);
        ticked = now;
        if (silent >= time) {
            goDown("it was silent for " + self.tickTime().toMillis() + " ms");
            wasSilent = true;
            effects.renew();
            begin(now);
        } else if (proof != null && now - nextTick >= 0) {
            nextTick = now + interval(proof);
            effects.sendTick(new Packet.Tick(own().from(), greatest));
        }
    }

    /// Returns how often a peer has to hear from this side. Units: ns
    private static long interval(Packet.Proof peer) {
        return TimeUnit.MILLISECONDS.toNanos(peer.features().tickMillis()) / TICKS;
    }

    /// The peer lives: a packet of it has come, or is still being handled.
    void heard(long now) {
        silent = 0;
        ticked = now;
    }

    void received(byte[] bytes, long now) {
        if (isBanned) {
            return;
        }
        Packet packet;
        try {
            packet = Packets.read(bytes);
        } catch (FrameException e) {
            refuse("it sent a packet that is refused: " + e.getMessage(), banOrPause(), now);
            return;
        }
        switch (packet) {
            case Packet.Hello hello -> onHello(hello, now);
            case Packet.Proof candidate -> onProof(candidate, now);
            case Packet.Ready ready -> onReady(ready, now);
            case Packet.Reset reset -> onReset(reset, now);
            case Packet.Refuse refusal -> onRefuse(refusal, now);
            case Packet.Data data -> {
                if (isOfConnection(data, now)) {
                    effects.deliver(data.signals());
                }
            }
            case Packet.Tick tick -> {
                boolean _ = isOfConnection(tick, now);
            }
        }
    }

    private void onHello(Packet.Hello hello, long now) {
        if (hello.from() < greatest) {
            stale++;
            return;
        }
        if (state == State.UP) {
            if (hello.from() == greatest) {
                return;
            }
            goDown("the peer has started a new session");
            begin(now);
        }
        if (state == State.HELLO) {
            take(hello, now);
        } else if (!isMember) {
            early = hello;
            deadline = now + BAN.toNanos();
        }
    }

    private void take(Packet.Hello hello, long now) {
        if (peer != null && hello.from() == peer.from()) {
            return;
        }
        greatest = hello.from();
        if (hello.oldest() > VERSION || hello.newest() < VERSION) {
            refuse(
                    "expected version "
                            + VERSION
                            + " of the protocol, got: "
                            + hello.oldest()
                            + " to "
                            + hello.newest(),
                    BAN,
                    now);
            return;
        }
        if (hello.name().equals(self.name())) {
            refuse("expected another name than that of this node, got: " + self.name(), BAN, now);
            return;
        }
        Packet.Hello mine = own();
        peer = hello;
        proof = null;
        if (hello.to() != mine.from()) {
            sendHello(hello.from());
        }
        Packet.Features features = self.features();
        byte[] code = self.cookies().prove(mine, hello, features);
        effects.send(new Packet.Proof(mine.from(), hello.from(), code, features));
    }

    private void onProof(Packet.Proof candidate, long now) {
        Packet.Hello hello = peer;
        if (state != State.HELLO || hello == null || proof != null || !isCurrent(candidate)) {
            return;
        }
        if (!self.cookies().verify(hello, own(), candidate)) {
            refuse("expected a proof that it has the cookie, got a wrong one", BAN, now);
        } else if (effects.isTaken(hello.name())) {
            refuseName(hello.name(), now);
        } else {
            proof = candidate;
            effects.send(new Packet.Ready(own().from(), hello.from()));
        }
    }

    private void onReady(Packet.Ready ready, long now) {
        Packet.Hello hello = peer;
        if (state != State.HELLO || hello == null || proof == null || !isCurrent(ready)) {
            return;
        }
        state = State.UP;
        heard(now);
        nextTick = now + interval(proof);
        if (effects.up(own(), hello, proof.features())) {
            lastRefusal = "";
            wasSilent = false;
        } else {
            state = State.HELLO;
            refuseName(hello.name(), now);
        }
    }

    private void refuseName(String name, long now) {
        String why = "expected a name that no other member has, got: " + name;
        effects.send(new Packet.Refuse(own().from(), greatest, why));
        refuse(why, PAUSE, now);
    }

    private void onRefuse(Packet.Refuse refusal, long now) {
        if (state != State.DOWN && proof != null && isCurrent(refusal)) {
            refuse("it refuses this node: " + refusal.why(), PAUSE, now);
        }
    }

    private void onReset(Packet.Reset reset, long now) {
        if (state == State.UP && reset.to() == own().from()) {
            goDown("the peer has lost the connection");
            begin(now);
        }
    }

    /// Tells whether a packet belongs to the connection. If not, one of both sides has lost it.
    private boolean isOfConnection(Packet packet, long now) {
        if (state == State.UP && isCurrent(packet)) {
            heard(now);
            return true;
        }
        stale++;
        if (state == State.UP && packet.from() > greatest) {
            goDown("the peer has started a new session");
            begin(now);
        } else {
            long from = own == null ? effects.nextEpoch() : own.from();
            effects.send(new Packet.Reset(from, packet.from()));
        }
        return false;
    }

    private boolean isCurrent(Packet packet) {
        return peer != null && packet.from() == peer.from() && packet.to() == own().from();
    }

    private void begin(long now) {
        state = State.HELLO;
        peer = null;
        proof = null;
        deadline = now + HELLO_LIMIT.toNanos();
        own =
                new Packet.Hello(
                        effects.nextEpoch(),
                        0,
                        VERSION,
                        VERSION,
                        self.name(),
                        self.incarnation(),
                        effects.nextNonce());
        sendHello(0);
        Packet.Hello first = early;
        early = null;
        if (first != null) {
            take(first, now);
        }
    }

    private void sendHello(long to) {
        Packet.Hello mine = own();
        effects.send(
                new Packet.Hello(
                        mine.from(),
                        to,
                        mine.oldest(),
                        mine.newest(),
                        mine.name(),
                        mine.incarnation(),
                        mine.nonce()));
    }

    private Packet.Hello own() {
        if (own == null) {
            throw new IllegalStateException("expected an attempt that has begun");
        }
        return own;
    }

    /// Only who has proved that it has the cookie is worth another try soon.
    private Duration banOrPause() {
        return proof != null ? PAUSE : BAN;
    }

    /// Logs why there is no session with the member, and ignores it for a time.
    private void refuse(String why, Duration time, long now) {
        if (!why.equals(lastRefusal)) {
            effects.warn(why);
            lastRefusal = why;
        }
        pause(why, time, now);
    }

    /// Ends what there is, and tries nothing for a time.
    private void pause(String why, Duration time, long now) {
        boolean wasUp = state == State.UP;
        goDown(why);
        state = State.DOWN;
        isPaused = true;
        isBanned = time.equals(BAN);
        pausedUntil = now + time.toNanos();
        if (wasUp) {
            effects.send(new Packet.Reset(own().from(), greatest));
        }
    }

    private void goDown(String why) {
        if (state == State.UP) {
            state = State.DOWN;
            effects.down(why);
        }
    }
}
