package io.genserver.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Runs a test, or all tests of a class and its nested classes, on the default node instead of a
/// node of its own.
///
/// Use it if threads that are no processes look up names that the test has registered, such as the
/// threads of an HTTP server or of an executor. Those threads act on the default node.
///
/// On the default node the names of parallel tests collide, and a process counts as the test's own
/// only if the test's process has started it, or one that the test's process has started, and so
/// on.
///
/// On a class whose `@BeforeAll` method takes a [TestSupervisor] the annotation must be on the
/// class.
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface SharedNode {}
