package io.genserver.observer;

/// One screen of the page. What it shows is data, see [Json].
@FunctionalInterface
interface Screen {

    /// Returns what the screen shows.
    ///
    /// @throws Query.Wrong if a parameter has a value that this screen does not know
    Object show(Look look, Query query);
}
