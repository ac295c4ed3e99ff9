package io.genserver.supervisor;

import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.Processes;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// The places that the limit of a [KeyedSupervisor] leaves to its servers. A server takes one in
/// its own process before its init. If there is none, it waits for a message. Servers get places in
/// the order in which they have asked.
///
/// All state is guarded by this object. No message is sent while it is locked.
final class Places {

    private final Deque<Place> waiting = new ArrayDeque<>();
    private int free;

    /// How many servers with a place are about to end, to make room.
    private int ending;

    /// Whether a server waits for which no other one makes room. Written guarded, read by any
    /// thread: one that has just stopped using a server looks whether that one is to make room.
    private volatile boolean roomWanted;

    private enum State {
        NONE,
        WAITING,
        HELD,
        /// The server has ended.
        GONE
    }

    /// What one server has of its place. It is also the message by which the server gets it.
    static final class Place {
        private State state = State.NONE;
        private boolean ending;
        private @Nullable Pid server; // set when it begins to wait
    }

    /// @param limit how many places there are
    Places(int limit) {
        this.free = limit;
    }

    /// Takes a place if there is one, else joins those who wait. The server's process.
    ///
    /// @return whether the server has the place
    synchronized boolean take(Place place) {
        if (place.state == State.NONE) {
            if (free > 0) {
                free--;
                place.state = State.HELD;
            } else {
                place.state = State.WAITING;
                place.server = Processes.self();
                waiting.add(place);
                look();
            }
        }
        return place.state != State.WAITING;
    }

    /// Waits until the server has its place. The server's process.
    static void await(Place place) {
        Processes.receive(Match.value(place));
    }

    /// Gives back what a server has, which has ended. Does nothing if that was done before.
    void leave(Place place) {
        Place next = null;
        synchronized (this) {
            if (place.state == State.HELD) {
                next = waiting.poll();
                if (next == null) {
                    free++;
                } else {
                    next.state = State.HELD;
                }
            } else if (place.state == State.WAITING) {
                waiting.remove(place);
            }
            if (place.ending) {
                place.ending = false;
                ending--;
            }
            place.state = State.GONE;
            look();
        }
        if (next != null && next.server != null) {
            Processes.send(next.server, next);
        }
    }

    /// Records that a server is about to end.
    synchronized void begunToEnd(Place place) {
        if (place.state == State.HELD && !place.ending) {
            place.ending = true;
            ending++;
            look();
        }
    }

    private void look() {
        roomWanted = waiting.size() > ending;
    }

    /// Returns whether a server should end to make room. Any thread.
    boolean isRoomWanted() {
        return roomWanted;
    }

    /// Returns whether a server with this place has begun its init.
    synchronized boolean isHeld(Place place) {
        return place.state == State.HELD;
    }
}
