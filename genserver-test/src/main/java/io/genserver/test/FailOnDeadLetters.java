package io.genserver.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Fails a test, or each test of a class and its nested classes, if a message of its node reaches
/// no process while the test runs. Messages that are lost because the end of the test stops their
/// receivers do not count.
///
/// If several tests share the node, each of them counts all dead letters of the node. If a
/// `@BeforeAll` method takes a [TestSupervisor], a dead letter that comes while no test runs fails
/// the class.
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface FailOnDeadLetters {}
