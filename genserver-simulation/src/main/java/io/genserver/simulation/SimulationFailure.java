package io.genserver.simulation;

/// The failure of a run. Its cause is what the run has failed with. Its message holds a chart of
/// the shortest run that was found to fail in the same way, and the token that plays it again.
public final class SimulationFailure extends AssertionError {

    private static final long serialVersionUID = 1L;

    private final String token;
    private final String policy;
    private final int run;
    private final transient Trace trace;

    SimulationFailure(
            String message, Throwable cause, String token, String policy, int run, Trace trace) {
        super(message, cause);
        this.token = token;
        this.policy = policy;
        this.run = run;
        this.trace = trace;
    }

    /// Returns the token that plays the run again, see [Simulation#REPLAY].
    ///
    /// @return the token
    public String token() {
        return token;
    }

    /// Returns the policy that found the failure.
    ///
    /// @return the policy, in words
    public String policy() {
        return policy;
    }

    /// Returns which run failed first.
    ///
    /// @return the number of the run, from 1
    public int run() {
        return run;
    }

    /// Returns what happened in the shortest run that was found to fail.
    ///
    /// @return the trace
    public Trace trace() {
        return trace;
    }
}
