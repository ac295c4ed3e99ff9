package io.genserver.spring.test;

import io.genserver.test.GenServerExtension;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/// Gives each test method of a Spring test a fresh supervision tree.
///
/// ```java
/// @SpringBootTest
/// @GenServerTest
/// class OrdersTest {
///     @Autowired Server<Limiter> limiter;
///
///     @Test
///     void allows_the_first_request() {
///         assertThat(Limiter.tryAcquire(limiter)).isTrue();
///     }
/// }
/// ```
///
/// The application context is not started again. Only the tree is, which takes milliseconds. So no
/// test sees the state that another one has left, and no `@DirtiesContext` is needed. Beans keep
/// their state, and what an `ApplicationRunner` has told the servers is lost.
///
/// ## What the test is
///
/// The test is a process on the node of the context, as with [GenServerExtension]: it may monitor,
/// link and receive, finds the servers by their names, and takes a
/// [io.genserver.test.TestSupervisor] as a parameter. A server of the tree that crashes fails the
/// test, unless the test declares that with `expectCrash`.
///
/// ## Parallel tests
///
/// Tests that share a context run one after another, also if JUnit runs tests in parallel, because
/// they share the tree. Tests with different contexts run in parallel, because each context has a
/// node of its own.
///
/// With a test slice, such as `@WebMvcTest`, add
/// `@ImportAutoConfiguration(GenServerAutoConfiguration.class)`, because slices leave the tree out.
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith({SpringExtension.class, ContextNode.class, GenServerExtension.class, FreshTree.class})
public @interface GenServerTest {}
