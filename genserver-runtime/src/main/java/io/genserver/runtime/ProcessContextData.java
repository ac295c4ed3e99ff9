package io.genserver.runtime;

import java.util.HashMap;
import java.util.Map;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.util.ContextDataProvider;

/// Shows the process in the log lines of log4j2. log4j2 finds it as a service provider, and asks it
/// when it makes a log event.
public final class ProcessContextData implements ContextDataProvider {

    /// Creates the provider. The service loader calls this once.
    public ProcessContextData() {}

    // log4j2 merges the providers in the order of the class path, so an entry of the user's
    // prevails
    // only if there is none here.

    @Override
    public Map<String, String> supplyContextData() {
        Map<String, String> process = LogEntries.shown();
        if (process.isEmpty() || ThreadContext.isEmpty()) {
            return process;
        }
        Map<String, String> others = new HashMap<>(process);
        others.keySet().removeIf(ThreadContext::containsKey);
        return others;
    }
}
