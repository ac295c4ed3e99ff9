/// Tests of Spring Boot applications with a supervision tree.
///
/// Start with [io.genserver.spring.test.GenServerTest].
@NullMarked
package io.genserver.spring.test;

import org.jspecify.annotations.NullMarked;
