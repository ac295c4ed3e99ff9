/// A Spring Boot application with a process for each order.
@NullMarked
package orders;

import org.jspecify.annotations.NullMarked;
