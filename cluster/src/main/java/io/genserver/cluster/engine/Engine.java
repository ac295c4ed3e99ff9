package io.genserver.cluster.engine;

import java.io.IOException;
import java.util.Set;

/// Finds other nodes, notices when they are gone, and moves frames between them.
///
/// Frames between two members arrive in the order in which they were sent, and each at most once.
/// They may arrive late: also after the other side has been reported gone and has come back. The
/// sessions above notice that.
///
/// An engine is not trusted. Sessions authenticate each peer before they listen to it.
public interface Engine extends AutoCloseable {

    /// Joins the other nodes, or waits for them as the first one. Blocks until this node is a
    /// member.
    ///
    /// @param handler what is told from now on
    /// @return this node
    /// @throws IOException if the node cannot listen at its address, says which one and why
    Member start(Handler handler) throws IOException;

    /// Sends a frame. Blocks while the member is slow. Called by one thread at a time for each
    /// member.
    ///
    /// A member that this node has reported as gone may live and count this node as a member. A
    /// frame to it is sent once and without waiting if the engine can do that, else dropped. It may
    /// arrive in any order.
    ///
    /// @param to the member
    /// @param frame the bytes, which nobody changes afterwards
    /// @throws InterruptedException if the thread is interrupted while it waits
    void send(Member to, byte[] frame) throws InterruptedException;

    /// Makes the way to a member anew, because nothing comes through although the engine has
    /// reported the member. What was sent and has not arrived may be dropped. An engine that keeps
    /// a connection that its network repeats ever more rarely has to replace it. Does not block.
    /// Does nothing by default.
    ///
    /// @param member the member
    default void renew(Member member) {}

    /// Leaves the others, who notice it at once, and stops to listen.
    @Override
    void close();

    /// What an engine tells. It calls one method at a time for each member. A frame of a member may
    /// come before the member was reported.
    interface Handler {

        /// The members that can be reached have changed.
        ///
        /// @param members all that can be reached, without this node
        /// @param merged those of them that did not see the same changes as this node since they
        ///   were last together, because they were cut off or were paused. Everything that was
        ///   agreed with them before is void
        void members(Set<Member> members, Set<Member> merged);

        /// A frame has arrived.
        ///
        /// @param from who sent it
        /// @param frame the bytes
        void received(Member from, byte[] frame);
    }
}
