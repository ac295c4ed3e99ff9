package io.genserver.spring;

import io.genserver.ExitReason;
import org.jspecify.annotations.Nullable;

/// The supervision tree did not start. The application then does not start either, and shows the
/// message and what to do about it.
public final class TreeStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String action;

    private TreeStartException(String message, String action, @Nullable Throwable cause) {
        super(message, cause);
        this.action = action;
    }

    static TreeStartException sameId(String one, String other, Object id) {
        return new TreeStartException(
                "The beans "
                        + one
                        + " and "
                        + other
                        + " are children of the supervision tree with the same id: "
                        + ChildBean.text(id),
                "Give one of them another id with ChildSpec.withId, or remove it.",
                null);
    }

    static TreeStartException nameIsTaken(String child, String holder) {
        return new TreeStartException(
                "The child of the bean "
                        + child
                        + " did not start, because its name is taken (already_started).\n"
                        + holder,
                "Start one of the two under another name, see StartOption.name, or without a name:"
                        + " the bean of type Server refers to a child that has no name.",
                null);
    }

    static TreeStartException ofChild(String child, ExitReason reason) {
        return new TreeStartException(
                "The child of the bean " + child + " did not start: " + reason,
                "Correct what its init does. If the application can start without the child's"
                        + " resource, acquire it in handleContinue, which runs after the start.",
                reason.cause());
    }

    static TreeStartException ofTree(ExitReason reason) {
        return new TreeStartException(
                "The supervision tree did not start: " + reason,
                "The log above has more about the reason.",
                reason.cause());
    }

    /// Returns what to do about it.
    ///
    /// @return a sentence
    public String action() {
        return action;
    }
}
