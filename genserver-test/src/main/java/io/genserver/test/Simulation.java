package io.genserver.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Marks a test that is run under many schedules, in virtual time; see
/// [io.genserver.simulation.Simulation]. Each run is a process on a node of its own.
///
/// ```java
/// @Simulation(runs = 1_000)
/// void transfers_lose_no_money(SimulationRun run) {
///     ...
/// }
/// ```
///
/// The method may take a [run][io.genserver.simulation.SimulationRun]. It runs many times on one
/// instance of the class, so it has to keep what it uses in local variables. `@BeforeEach` and
/// `@AfterEach` methods run once, outside of the simulation.
///
/// The token of a run that has failed is kept in the folder `.simulation` of the working directory,
/// beside a chart of the run for Mermaid. The next time, that run comes first. The configuration
/// parameter `genserver.simulation.folder` of JUnit names another folder.
///
/// If the method throws because an assumption does not hold, in whichever run, the test is aborted.
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Test
@ExtendWith(SimulationExtension.class)
public @interface Simulation {

    /// Returns how many runs there are, 1 or more.
    ///
    /// @return the number
    int runs() default 1_000;

    /// Returns the seed, which decides the choices of all runs.
    ///
    /// @return the seed
    long seed() default 0;

    /// Returns how many steps a run may take at most, 1 or more.
    ///
    /// @return the number
    int maxSteps() default 20_000;

    /// Returns how long to go on with new runs, 1 or more; 0 for no limit.
    ///
    /// @return the time; units: s
    int seconds() default 0;
}
