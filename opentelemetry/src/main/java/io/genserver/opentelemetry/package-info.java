/// Spans of calls, requests and casts: [io.genserver.opentelemetry.GenServerTracing].
@NullMarked
package io.genserver.opentelemetry;

import org.jspecify.annotations.NullMarked;
