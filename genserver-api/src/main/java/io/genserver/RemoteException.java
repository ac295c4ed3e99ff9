package io.genserver;

import org.jspecify.annotations.Nullable;

/// An exception that was thrown on another node. Only its text crosses the wire: the class need not
/// exist here.
///
/// It is the cause of an [ExitReason.Crash] that comes from another node.
public final class RemoteException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String className;
    private final @Nullable String originalMessage;
    private final String stackText;

    /// Creates the exception.
    ///
    /// @param className the name of the class that was thrown
    /// @param message its message; null if it had none
    /// @param stackText its stack and causes, as [Throwable#printStackTrace()] writes them
    public RemoteException(String className, @Nullable String message, String stackText) {
        super(message == null ? className : className + ": " + message, null, false, false);
        this.className = className;
        this.originalMessage = message;
        this.stackText = stackText;
    }

    /// Returns the name of the class that was thrown.
    ///
    /// @return the name
    public String className() {
        return className;
    }

    /// Returns the message of what was thrown.
    ///
    /// @return the message; null if it had none
    public @Nullable String originalMessage() {
        return originalMessage;
    }

    /// Returns the stack and the causes of what was thrown.
    ///
    /// @return several lines of text
    public String stackText() {
        return stackText;
    }
}
