/// A supervision tree in a Spring Boot application.
///
/// Start with [io.genserver.spring.GenServerAutoConfiguration].
@NullMarked
package io.genserver.spring;

import org.jspecify.annotations.NullMarked;
