/// Thread locals that travel with messages: [io.genserver.context.ThreadLocalsCarrier].
@NullMarked
package io.genserver.context;

import org.jspecify.annotations.NullMarked;
