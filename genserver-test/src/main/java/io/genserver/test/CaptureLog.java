package io.genserver.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Keeps back the log lines of a test's processes, or those of all tests of a class and its nested
/// classes. If the test fails, its failure shows them as a suppressed exception. Source: `@tag
/// :capture_log`.
///
/// Lines are kept back if slf4j logs with logback. With another library they are printed as usual,
/// and a failed test shows its crash reports only. On a node of the test's own, all lines that are
/// logged there are the test's. On a node that tests share, the lines of its processes are. If a
/// `@BeforeAll` method has started processes for a class, a failed test also shows what they have
/// logged since the test began.
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface CaptureLog {}
