package io.genserver.spring.test;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Starts the tree from the process of the test, so that it belongs to the test: its crashes fail
/// the test, and its log lines are the test's.
final class FreshTree implements BeforeEachCallback, AfterEachCallback {

    @Override
    public void beforeEach(ExtensionContext context) {
        ContextNode.tree(context).stop();
        ContextNode.tree(context).start();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        ContextNode.tree(context).stop();
    }
}
