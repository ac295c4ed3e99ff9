package io.genserver.simulation;

/// Recognizes a thread that waits for something that the simulation does not know.
final class Outside {

    private Outside() {}

    static boolean waits(Thread thread) {
        return switch (thread.getState()) {
            case WAITING, TIMED_WAITING, BLOCKED -> true;
            case NEW, RUNNABLE, TERMINATED -> false;
        };
    }

    /// Returns the failure, with the stack of the thread.
    ///
    /// @param does what the thread does
    static AssertionError error(Thread thread, String does) {
        AssertionError outside =
                new AssertionError(
                        "expected the code to wait only in this library, got: the thread \""
                                + thread.getName()
                                + "\", which "
                                + does
                                + " outside of the simulation; its stack is that of this error");
        outside.setStackTrace(thread.getStackTrace());
        return outside;
    }
}
