package io.genserver.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Has a test, or all tests of a class and its nested classes, own the time of their processes; see
/// [io.genserver.simulation.TestTime]. A test passes time with `advance`. If the test and all its
/// processes wait, time jumps to the next deadline, so no test waits for real time.
///
/// ```java
/// @Test
/// @VirtualTime
/// void a_session_ends_after_five_minutes(TestSupervisor test, TestTime time) {
///     var session = test.startSupervised(Session::startLink);
///     time.advance(Duration.ofMinutes(5));
///     assertThat(Session.isOpen(session)).isFalse();
/// }
/// ```
///
/// The test needs [GenServerExtension]. Test, `@BeforeEach` and `@AfterEach` methods may take the
/// [io.genserver.simulation.TestTime] as a parameter. They run on a thread of their own, which is
/// the test's process, and one process runs at a time. Threads that are no processes must not use
/// the test's processes, so it works neither with [SharedNode] nor with a `@BeforeAll` method that
/// takes a [TestSupervisor].
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface VirtualTime {}
