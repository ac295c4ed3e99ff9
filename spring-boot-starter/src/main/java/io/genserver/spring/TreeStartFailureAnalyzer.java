package io.genserver.spring;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// Explains why the tree, and so the application, did not start.
final class TreeStartFailureAnalyzer extends AbstractFailureAnalyzer<TreeStartException> {

    @Override
    protected FailureAnalysis analyze(Throwable root, TreeStartException failure) {
        return new FailureAnalysis(String.valueOf(failure.getMessage()), failure.action(), root);
    }
}
