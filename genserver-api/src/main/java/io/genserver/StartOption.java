package io.genserver;

import java.time.Duration;

/// How to start a server. Source: the options of `GenServer.start_link/3`.
public sealed interface StartOption {

    /// Registers the server under a local name before its init runs.
    ///
    /// @param name the name, not blank
    /// @return the option
    static StartOption name(String name) {
        return new Named(new Name(name));
    }

    /// Registers the server in a registry of your own before its init runs.
    ///
    /// @param via the registry and the key
    /// @return the option
    static StartOption name(Via via) {
        return new Named(via);
    }

    /// Limits the time init may take; by default it may take any.
    ///
    /// @param limit after which the server is killed and start answers [ExitReason#TIMEOUT]
    /// @return the option
    /// @throws IllegalArgumentException if the limit is negative
    static StartOption initTimeout(Duration limit) {
        return new InitTimeout(limit);
    }

    /// See [StartOption#name(String)].
    ///
    /// @param name a [Name] or a [Via]
    record Named(ServerRef name) implements StartOption {

        /// Checks the kind of name.
        public Named {
            if (name instanceof Pid) {
                throw new IllegalArgumentException(
                        "expected a server's name to be a local name or a via reference, got: "
                                + name);
            }
        }
    }

    /// See [StartOption#initTimeout].
    ///
    /// @param limit the limit
    record InitTimeout(Duration limit) implements StartOption {

        /// Checks the limit.
        public InitTimeout {
            if (limit.isNegative()) {
                throw new IllegalArgumentException(
                        "expected initTimeout to be 0 or more, got: " + limit);
            }
        }
    }
}
