package io.genserver.observer;

import io.genserver.Node;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/// What an [Observer] shows and allows.
///
/// @param node the node whose processes it shows
/// @param port the port on the loopback address, 0 to 65535; 0 picks a free one
/// @param allowActions whether a viewer may suspend, resume, trace and kill processes
/// @param showState whether a viewer may see states, messages, dictionaries and registry keys,
///   which may hold data of people
/// @param accessFile a file that gives programs access, see [#withAccessFile]
public record ObserverOptions(
        Node node, int port, boolean allowActions, boolean showState, Optional<Path> accessFile) {

    private static final int HIGHEST_PORT = 65_535;

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if the port is out of its range
    public ObserverOptions {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(accessFile, "accessFile");
        if (port < 0 || port > HIGHEST_PORT) {
            throw new IllegalArgumentException("expected a port from 0 to 65535, got: " + port);
        }
    }

    /// Returns the defaults: the current node, a free port, no actions, no states, no file.
    ///
    /// @return the options
    public static ObserverOptions defaults() {
        return new ObserverOptions(Node.current(), 0, false, false, Optional.empty());
    }

    /// Returns options for another node.
    ///
    /// @param other the node
    /// @return the changed options
    public ObserverOptions withNode(Node other) {
        return new ObserverOptions(other, port, allowActions, showState, accessFile);
    }

    /// Returns options with another port.
    ///
    /// @param other the port, 0 to 65535; 0 picks a free one
    /// @return the changed options
    /// @throws IllegalArgumentException if the port is out of its range
    public ObserverOptions withPort(int other) {
        return new ObserverOptions(node, other, allowActions, showState, accessFile);
    }

    /// Returns options with which a viewer may suspend, resume, trace and kill processes. Each
    /// action is logged.
    ///
    /// @return the changed options
    public ObserverOptions withActions() {
        return new ObserverOptions(node, port, true, showState, accessFile);
    }

    /// Returns options with which a viewer may see states, messages, dictionaries and registry
    /// keys.
    ///
    /// @return the changed options
    public ObserverOptions withState() {
        return new ObserverOptions(node, port, allowActions, true, accessFile);
    }

    /// Returns options with which the observer writes a file for programs of the same user, such as
    /// `kv top`. It holds the URL and, in a second line, a key. A request with the header
    /// `Authorization: Bearer KEY` may read everything that a viewer may read, but cannot act.
    ///
    /// Only the owner may read the file. The observer replaces what is there, and deletes the file
    /// when it is closed.
    ///
    /// @param file the file; its directory is created if it does not exist
    /// @return the changed options
    public ObserverOptions withAccessFile(Path file) {
        return new ObserverOptions(node, port, allowActions, showState, Optional.of(file));
    }
}
