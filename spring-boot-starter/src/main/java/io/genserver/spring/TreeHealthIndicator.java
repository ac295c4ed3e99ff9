package io.genserver.spring;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Tells whether the tree runs. It calls no process, so it never waits for one.
final class TreeHealthIndicator implements HealthIndicator {

    private final SupervisionTree tree;

    TreeHealthIndicator(SupervisionTree tree) {
        this.tree = tree;
    }

    @Override
    public Health health() {
        TreeRun run = tree.run();
        Health.Builder health = new Health.Builder();
        if (run == null) {
            health.outOfService();
        } else if (run.isRunning()) {
            health.up().withDetail("running", tree.children().running());
        } else {
            health.down();
            run.gaveUp().ifPresent(end -> health.withDetail("gaveUp", ChildBean.text(end.child())));
        }
        return health.withDetail("node", tree.node().name()).build();
    }
}
