package shop;

import static io.genserver.CastResult.noreply;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.time.Duration;

/// Mails each customer what became of an order. Mail is slow, but only this process waits for it:
/// the events queue up in its mailbox, and the orders go on.
final class Mailer implements GenServer<Mailer.Post, Mailer.Post, Void, Void> {

    interface Post {
        void send(String customer, String text);
    }

    /// With `terminateOnExit` a mailer that is told to stop sends the queued mails first. The
    /// back-off keeps a mail server that is down from taking the shop down.
    static ChildSpec<Mailer> childSpec(Post post) {
        return ChildSpec.worker(
                        Mailer.class,
                        () -> GenServer.startLink(Mailer::new, post, StartOption.terminateOnExit()))
                .withBackOff(BackOff.of(Duration.ofMillis(100), Duration.ofSeconds(30)));
    }

    @Override
    public Init<Post> init(Post post) {
        Events.subscribe(Status.Shipped.class, Status.Cancelled.class);
        return Init.ok(post);
    }

    @Override
    public CastResult<Post> handleInfo(Object message, Post post) throws Exception {
        if (!(message instanceof Events.OrderChanged(Order order))) {
            return GenServer.super.handleInfo(message, post);
        }
        post.send(order.customer(), "your order " + order.id() + " is " + order.status().text());
        return noreply(post);
    }
}
