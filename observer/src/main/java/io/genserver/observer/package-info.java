/// Shows the processes of a running program in a browser. Start with
/// [io.genserver.observer.Observer].
@NullMarked
package io.genserver.observer;

import org.jspecify.annotations.NullMarked;
