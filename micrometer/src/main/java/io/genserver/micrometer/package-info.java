/// Metrics of processes for Micrometer: [io.genserver.micrometer.GenServerMetrics].
@NullMarked
package io.genserver.micrometer;

import org.jspecify.annotations.NullMarked;
