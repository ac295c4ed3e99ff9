package io.genserver.spring.test;

import io.genserver.spring.SupervisionTree;
import io.genserver.test.GenServerExtension;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/// Has a test run on the node of its application context, while no other test does.
final class ContextNode implements BeforeEachCallback, AfterEachCallback {

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(ContextNode.class);
    private static final String TURN = "genserverTestTurn";

    /// What a test holds.
    private record Held(SupervisionTree tree, Semaphore turn) {}

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        ApplicationContext application = SpringExtension.getApplicationContext(context);
        SupervisionTree tree = application.getBeanProvider(SupervisionTree.class).getIfAvailable();
        if (tree == null) {
            throw new ExtensionConfigurationException(
                    "expected the application context of a test with @GenServerTest to have a"
                            + " supervision tree, got: none; a test slice needs"
                            + " @ImportAutoConfiguration(GenServerAutoConfiguration.class), and"
                            + " genserver.enabled must not be false");
        }
        Semaphore turn = turn(application, tree);
        turn.acquire();
        context.getStore(NAMESPACE).put(Held.class, new Held(tree, turn));
        GenServerExtension.useNode(context, tree.node());
    }

    /// Returns the semaphore of a context, which lives as long as the context.
    private static Semaphore turn(ApplicationContext application, SupervisionTree tree) {
        var beans = (DefaultListableBeanFactory) application.getAutowireCapableBeanFactory();
        synchronized (tree) {
            if (!beans.containsSingleton(TURN)) {
                beans.registerSingleton(TURN, new Semaphore(1));
            }
        }
        return beans.getBean(TURN, Semaphore.class);
    }

    static SupervisionTree tree(ExtensionContext context) {
        return Objects.requireNonNull(held(context)).tree();
    }

    private static @Nullable Held held(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(Held.class, Held.class);
    }

    /// Leaves a tree that runs to tests without [GenServerTest].
    @Override
    public void afterEach(ExtensionContext context) {
        Held held = held(context);
        if (held == null) {
            return; // beforeEach has failed
        }
        try {
            if (held.tree().node().isOpen()) { // else the context is closed
                held.tree().start();
            }
        } finally {
            held.turn().release();
        }
    }
}
