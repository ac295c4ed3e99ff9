package io.genserver.spring;

/// What the application does when its root supervisor has given up, because restarts did not help.
/// In each case an error is logged.
public enum OnGiveUp {
    /// The application goes on without the tree. The health indicator `genserver` is down, and so
    /// is the liveness of the application, so that a platform that looks at it starts the
    /// application again.
    HEALTH,
    /// The application context is closed. The JVM ends if nothing else keeps it running.
    CLOSE,
    /// The application context is closed, and the JVM exits with status 1.
    EXIT
}
